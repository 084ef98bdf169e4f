"""The parts of the Excel workbook: its entries, native charts, and the sheets they stand on."""
