"""Uploads in parts over bad links: tus 1.0, and what was heard in a recording as soon as it is whole."""
