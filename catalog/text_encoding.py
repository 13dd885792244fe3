"""Bytes of a text that a person saved, in whichever encoding, to text: read where that is certain."""

import codecs

import regex

from catalog.config.sentence import Sentence

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
BYTE_ORDER_MARK = "\ufeff"
_SPREADSHEETS = {
    b"PK\x03\x04": Sentence("a workbook or another archive"),
    b"\xd0\xcf\x11\xe0": Sentence("an old workbook"),
}
_HOW = Sentence(
    "Save it as UTF-8: in a spreadsheet as “CSV UTF-8”, in LibreOffice with the character set Unicode (UTF-8), "
    "in Notepad with the encoding UTF-8."
)
# A Western letter stands in Western words by itself, or as one of two beside a plain one. In other alphabets, and in
# the old fonts of India, letters above 127 stand in long rows.
_WESTERN = regex.compile(
    r"(?:[\x00-\x7f\xa0‘’“”–—…]"
    r"|(?<![À-ÿ])[À-ÖØ-öø-ÿ](?![À-ÿ])"
    r"|(?<=[A-Za-z])[À-ÖØ-öø-ÿ]{2}(?![À-ÿ])|(?<![À-ÿ])[À-ÖØ-öø-ÿ]{2}(?=[A-Za-z]))*+"
)


class UndecodableText(ValueError):
    """A text whose encoding can't be recognised for certain; the message says how to save it."""


def decode_text(data: bytes) -> str:
    """The text of a file, without byte order marks at its beginning; line ends stay as they are.

    UTF-8; UTF-16 and UTF-32 with a mark; UTF-16 without one where it begins with a plain letter; Windows' Western
    code page (Latin-1) where every letter above 127 stands as it does in Western words.
    raises: UndecodableText

    >>> decode_text("नाम".encode("utf-16")), decode_text("Renée".encode("latin-1"))
    ('नाम', 'Renée')
    """
    for beginning, what in _SPREADSHEETS.items():
        if data.startswith(beginning):
            raise UndecodableText(Sentence("it is %(what)s, not a text. %(how)s", what=what, how=_HOW))
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _unmarked(data)
    try:
        return data.decode(encoding).lstrip(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        western = _western(data) if encoding == "utf-8" else None
        if western is not None:
            return western
        line = data.count(b"\n", 0, error.start) + 1
        name = encoding.removesuffix("-sig").upper()
        said = Sentence(
            "line %(line)s: byte %(byte)s is no %(encoding)s. %(how)s",
            line=str(line),
            byte=str(error.start),
            encoding=name,
            how=_HOW,
        )
        raise UndecodableText(said) from error


def _unmarked(data: bytes) -> str:
    """UTF-16 without a mark shows by the empty half of its first characters, which are plain in a list or a tag."""
    if len(data) >= 4 and len(data) % 2 == 0:
        halves = [byte == 0 for byte in data[:4]]
        if halves == [False, True, False, True]:
            return "utf-16-le"
        if halves == [True, False, True, False]:
            return "utf-16-be"
    return "utf-8"


def _western(data: bytes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if _WESTERN.fullmatch(text) else None
