"""Bytes from another program to text: byte order marks, UTF-16 as Praat writes it, line ends."""

import codecs

from transcription.exchange.package import MOST_BYTES, ExchangeError, clean_text

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


def refuse_large(data: bytes) -> None:
    """raises: ExchangeError"""
    if len(data) > MOST_BYTES:
        raise ExchangeError(
            f"the file has {len(data)} bytes; a package has at most {MOST_BYTES}. Is this the file you meant?"
        )


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 or UTF-32 with its mark; lines end in \\n.

    raises: ExchangeError
    """
    refuse_large(data)
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ExchangeError(
            f"line {line}: byte {error.start} is no {encoding.removesuffix('-sig').upper()}.\n"
            "Save the file as UTF-8 (in Praat: Praat, Preferences, Text writing, UTF-8)."
        ) from error
    return clean_text(text)
