"""The files of a sample year: how their owners would deliver them, as bytes."""
