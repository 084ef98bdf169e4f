"""Readers, one for each kind of file: they give passages with their places and judge nothing."""
