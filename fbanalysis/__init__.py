"""Reproducible annual feedback reports: every printed number has a record."""
