"""What we know (tables, states, consent, audit) and where the bytes are (the object store)."""
