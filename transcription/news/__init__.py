"""News: what happened that somebody should know of, what the week asks of them, and notices of it elsewhere."""
