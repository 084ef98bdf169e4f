"""The exceptions that this package raises on purpose.

::

    FeedbackError                what an analyst can mend; its text is Chinese and complete
    ├── ConfigError              dataset.toml: a typo, an unknown key, a missing file or column
    ├── UsageError               the command line: an unknown year, step or parameter
    ├── DataError                a file or table whose content cannot be used
    │   └── MissingTableError    an optional table that a notebook needs is not there
    ├── LedgerError              a record is missing, doubled or contradicts another
    ├── WordingError             a sentence with a typed number or an unknown reference
    └── AuditError               a finished file that the audit cannot read

A message says what is wrong, where (file, sheet, row, column, value) and what to do. The command
line prints it as one sentence, without a traceback; anything else that escapes is a fault of ours.
"""

from collections.abc import Iterable


class FeedbackError(Exception):
    """Base of all errors that an analyst can mend."""


class ConfigError(FeedbackError):
    """dataset.toml does not say what it must, or says what it may not."""


class UsageError(FeedbackError):
    """The command line asks for something that does not exist."""


class DataError(FeedbackError):
    """A file or table whose content cannot be used."""


class MissingTableError(DataError):
    """A table that a notebook needs was not delivered."""


class LedgerError(FeedbackError):
    """A record is missing, doubled or contradicts another."""


class WordingError(FeedbackError):
    """A sentence types a number by hand or refers to nothing."""


class AuditError(FeedbackError):
    """A finished file that the audit cannot read."""


def listed(items: Iterable[object], *, most: int = 5) -> str:
    """List the first offenders and count the rest, in Chinese.

    >>> listed(["a", "b"])
    '「a」「b」'
    >>> listed(range(7), most=2)
    '「0」「1」等 7 个'
    """
    items = list(items)
    shown = "".join(f"「{item}」" for item in items[:most])
    return shown if len(items) <= most else f"{shown}等 {len(items)} 个"
