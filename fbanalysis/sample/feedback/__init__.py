"""The feedback items of a sample year: who says what about which matter, when, and how they rate it."""
