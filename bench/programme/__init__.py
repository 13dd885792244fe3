"""A programme of any size, made row by row, and what each page, call and command costs on it."""
