"""Entries of the glossary on tests of differences, paired forms and power."""

from fbanalysis.report.methods.term import Term

TERMS: tuple[Term, ...] = ()
