"""Entries of the glossary on coverage, weighting and precision of samples."""

from fbanalysis.report.methods.term import Term

TERMS: tuple[Term, ...] = ()
