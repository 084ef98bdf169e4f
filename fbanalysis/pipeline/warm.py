"""Imports once, in the process from which all workers and kernels are forked, what they will need.

It is the only module with a side effect at import: it is what the fork server preloads.
"""

import gc
import importlib
import os
import warnings
from contextlib import suppress

#: Names of modules to import, separated by blanks.
VARIABLE = "FBANALYSIS_PRELOAD"


def _import_all(names: str) -> None:
    """Import what can be imported: a broken module fails in the notebook that wants it, and says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names.split():
            with suppress(Exception):
                importlib.import_module(name)


if names := os.environ.get(VARIABLE):
    _import_all(names)
    gc.collect()
    gc.freeze()
