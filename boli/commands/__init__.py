"""The commands, one module a noun or verb; each registers itself with the application."""
