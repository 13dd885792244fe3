"""Backups: the catalogue's rows and the store's objects, somewhere else, and back again."""
