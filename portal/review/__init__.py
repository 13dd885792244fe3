"""The review screen: a clip that needs a human eye, its texts word under word, and a decision."""
