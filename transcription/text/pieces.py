"""A text as plain words, tags and alternatives: <noise>, <foreign>…</foreign>, {one | other}."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

Kind = Literal["plain", "tag", "alternatives"]

_SPECIAL = regex.compile(
    r"(?P<tag><\s{0,5}/?\s{0,5}[\p{L}\p{M}][\p{L}\p{M}\p{N}_ -]{0,30}\s{0,5}>)"
    r"|(?P<alternatives>\{[^{}<>|]*(?:\|[^{}<>|]*)+\})"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text. start: in code points, of the whole text"""

    kind: Kind
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def name(self) -> str:
        """Of a tag, as it should be written.

        >>> Piece("tag", 0, "< /Noise >").name
        'noise'
        """
        return self.text.strip("</> ").casefold().strip()

    @property
    def closing(self) -> bool:
        return "/" in self.text

    @property
    def options(self) -> tuple[str, ...]:
        """Of alternatives.

        >>> Piece("alternatives", 0, "{one | other}").options
        ('one', 'other')
        """
        return tuple(option.strip() for option in self.text[1:-1].split("|"))


def pieces(text: str) -> Iterator[Piece]:
    """Every part of `text`, in order; joined, they are the text."""
    end = 0
    for match in _SPECIAL.finditer(text):
        if match.start() > end:
            yield Piece("plain", end, text[end : match.start()])
        yield Piece("tag" if match["tag"] else "alternatives", match.start(), match.group())
        end = match.end()
    if end < len(text):
        yield Piece("plain", end, text[end:])


def spans(parts: Sequence[Piece]) -> dict[int, int]:
    """Tags that go around words: index of the first half to index of its other half in `parts`.

    A tag is closed by the next of its name, if that one closes; so <unclear> can stand alone before a span.
    """
    found: dict[int, int] = {}
    latest: dict[str, int] = {}
    for index, part in enumerate(parts):
        if part.kind != "tag":
            continue
        opening = latest.pop(part.name, None)
        if not part.closing:
            latest[part.name] = index
        elif opening is not None:
            found[opening] = index
    return found


def spoken(text: str) -> Iterator[Piece]:
    """The stretches that hold words: plain pieces, and each option of the alternatives."""
    for piece in pieces(text):
        if piece.kind == "plain":
            yield piece
        elif piece.kind == "alternatives":
            start = piece.start + 1
            for option in piece.text[1:-1].split("|"):
                if option:
                    yield Piece("plain", start, option)
                start += len(option) + 1
