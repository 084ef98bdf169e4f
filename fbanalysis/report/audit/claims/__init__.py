"""Cuts a document into what it claims: numbers with their words, lists, tables and series."""
