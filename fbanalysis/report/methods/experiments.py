"""Entries of the glossary on experiments, difference-in-differences and interrupted series."""

from fbanalysis.report.methods.term import Term

TERMS: tuple[Term, ...] = ()
