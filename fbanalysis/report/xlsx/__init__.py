"""The parts of the Excel workbook: its entries, their cells, native charts, and the sheets they stand on."""
