"""The write screen: one clip at a time, heard and written down, with or without network."""
