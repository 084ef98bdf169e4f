"""Entries of the glossary on NPS, CSI, CES and the Kano model."""

from fbanalysis.report.methods.term import Term

TERMS: tuple[Term, ...] = ()
