"""Accepted clips to an immutable dataset version."""
