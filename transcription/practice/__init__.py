"""Practice: clips whose text is known, written to learn. The answer comes at once, word by word; nothing of it counts.

A gold clip that still measures people is never one of them, and whoever has practised on a clip is not measured by it
later. The texts are those that a reviewer accepted.
"""
