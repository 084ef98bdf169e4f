"""Rules that find contradictions in anybody's report, one module for each kind of statement."""
