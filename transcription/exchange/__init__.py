"""Work packages: clips that a person takes into another program, and the texts that come back.

A package leaves as a Praat TextGrid, an ELAN EAF file, Label Studio tasks, a CSV or TSV table or Audacity labels.
Beside the text every format carries one row a clip (`ticket.TicketRow`) that says whose slot it is and where it lies to
the sample; so nothing rests on how exactly a format keeps times. docs/exchange.md says where each format keeps it.
"""

from transcription.exchange.formats import Format, PackageFile, by_ending, read, write
from transcription.exchange.package import ClipLocation, ExchangeError, Item, Package, SampleSpan, Ticket

__all__ = [
    "ClipLocation",
    "ExchangeError",
    "Format",
    "Item",
    "Package",
    "PackageFile",
    "SampleSpan",
    "Ticket",
    "by_ending",
    "read",
    "write",
]
