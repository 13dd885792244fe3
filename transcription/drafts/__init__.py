"""Machine drafts: a recogniser's text to begin with, for one person a clip, held against what is accepted."""
