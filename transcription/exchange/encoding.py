"""Bytes from another program to text: whichever encoding it saves, and its line ends."""

from catalog.text_encoding import UndecodableText, decode_text
from transcription.exchange.package import MOST_BYTES, ExchangeError, clean_text


def refuse_large(data: bytes) -> None:
    """raises: ExchangeError"""
    if len(data) > MOST_BYTES:
        raise ExchangeError(
            f"the file has {len(data)} bytes; a package has at most {MOST_BYTES}. Is this the file you meant?"
        )


def decoded(data: bytes) -> str:
    """The text of a file, as `decode_text` reads it; lines end in \\n.

    raises: ExchangeError
    """
    refuse_large(data)
    try:
        return clean_text(decode_text(data))
    except UndecodableText as error:
        raise ExchangeError(f"{error}\n(In Praat: Praat, Preferences, Text writing, UTF-8.)") from error
