"""Word times put right by ear: a reviewer moves the edges of words, and their alignment holds from then on.

No aligner takes its place while the text stays as it is; a text that changes is aligned anew.
"""
