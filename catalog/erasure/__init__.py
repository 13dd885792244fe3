"""Erasure: everything that came in with a withdrawn voice is destroyed, to the last byte, and it can be shown."""

from catalog.erasure.voice import ErasedSound, ErasureRules, erase_voices

__all__ = ["ErasedSound", "ErasureRules", "erase_voices"]
