"""Working days of the sample years, as seconds and days since the first of January. It draws nothing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fbanalysis.sample.records import HOLIDAYS

DAY = 86400


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: one flag a day from ``start`` on, and the working days before each of them."""

    start: pd.Timestamp
    is_work: np.ndarray
    done: np.ndarray

    def is_off(self, seconds: np.ndarray) -> np.ndarray:
        """Say which moments lie on a weekend or public holiday."""
        return ~self.is_work[np.asarray(seconds, dtype=np.int64) // DAY]

    def worked(self, seconds: np.ndarray) -> np.ndarray:
        """Count the working days since the start, parts of a day included."""
        day = np.asarray(seconds, dtype=np.int64) // DAY
        return self.done[day] + self.is_work[day] * (seconds / DAY - day)

    def after(self, seconds: np.ndarray, *, workdays: np.ndarray) -> np.ndarray:
        """Find the moment that lies so many working days later."""
        goal = np.minimum(self.worked(seconds) + workdays, self.done[-1] - 1)
        day = np.searchsorted(self.done, goal, side="right") - 1
        return np.rint((day + goal - self.done[day]) * DAY)


def calendar(year: int) -> Calendar:
    """Make the calendar of a year and of the half year behind it."""
    days = pd.date_range(f"{year}-01-01", f"{year + 1}-06-30", freq="D")
    is_work = days.day_of_week.to_numpy() < 5
    for _, first, last, worked in HOLIDAYS[year]:
        is_work[(days >= first) & (days <= last)] = False
        is_work[days.isin(pd.to_datetime(list(worked)))] = True
    return Calendar(days[0], is_work, np.concatenate([[0], np.cumsum(is_work)])[:-1])
