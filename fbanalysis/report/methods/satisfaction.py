"""Entries of the glossary on satisfaction, reliability and ranking."""

from fbanalysis.report.methods.term import Term

TERMS: tuple[Term, ...] = ()
