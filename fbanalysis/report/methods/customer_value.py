"""Entries of the glossary on RFM, key drivers, journeys and churn."""

from fbanalysis.report.methods.term import Term

TERMS: tuple[Term, ...] = ()
