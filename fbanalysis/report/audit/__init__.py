"""Finished files are read back: ours against the ledger, anybody's against their own arithmetic."""
