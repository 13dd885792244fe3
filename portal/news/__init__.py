"""News: what happened that somebody should know of, and what the week asks of them; quiet until they look."""
