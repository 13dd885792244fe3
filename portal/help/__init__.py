"""Help: a tour of five cards for each role, and the pages of `docs/` beside every screen."""
