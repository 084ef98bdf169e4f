"""Our own finished files: what they must print, what they do print, and what differs."""
