"""The transcriber's desk: one clip at a time, heard and written down, with or without network."""
