"""Prefect flows: they order the work of the rooms, retry it and report it."""
