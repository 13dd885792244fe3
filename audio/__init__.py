"""Sound: arrays and paths in, values out; no database, no network."""
