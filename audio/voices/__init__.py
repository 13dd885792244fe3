"""Whose voice a clip holds: voice embeddings, and how alike two of them are."""
