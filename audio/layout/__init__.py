"""Where in a file its sound lies: one part in most, several where files were joined."""

from audio.layout.find import layout_of
from audio.layout.parts import FilePart, Layout, PartReader

__all__ = ["FilePart", "Layout", "PartReader", "layout_of"]
