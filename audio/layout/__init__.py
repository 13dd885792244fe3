"""Where in a file its sound lies: one part in most, several where files were joined."""

from audio.layout.find import layout_of
from audio.layout.parts import Layout, Part, PartReader

__all__ = ["Layout", "Part", "PartReader", "layout_of"]
