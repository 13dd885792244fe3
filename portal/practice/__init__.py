"""Practice: a clip is heard and written, and the answer comes at once, word by word, with the rule."""
