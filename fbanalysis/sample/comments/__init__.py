"""The comments of a sample year: hand-written clauses, composed as people write and note takers note."""
