"""Everything that an analysis of the sample should find, and what it should not: one list of all rooms."""

import pandas as pd

from fbanalysis.sample import customers, improvement, records, service
from fbanalysis.sample.feedback import again, coders, items
from fbanalysis.sample.plans import Effect

#: All planted effects, and the absences among them (size 0).
PLANTED: tuple[Effect, ...] = (
    *items.EFFECTS,
    *again.EFFECTS,
    *coders.EFFECTS,
    *records.EFFECTS,
    *service.EFFECTS,
    *customers.EFFECTS,
    *improvement.EFFECTS,
)


def planted() -> pd.DataFrame:
    """List the planted effects: year, table, key, size, tolerance, unit, finding."""
    columns = ["year", "table", "key", "size", "tolerance", "unit", "finding"]
    return pd.DataFrame([vars(effect) for effect in PLANTED])[columns]
