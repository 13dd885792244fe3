"""Praat's TextGrid beside each sound: a tier of words and one with the whole text.

textgrid/<split>/<clip>.TextGrid
"""

from releases.forms.files import put_sound
from releases.forms.folder import FormFolder
from releases.forms.source import FormRow, PulledVersion
from transcription.exchange.textgrid import document


def write(version: PulledVersion, folder: FormFolder) -> None:
    for part in version.parts:
        for row in part.rows():
            put_sound(row, folder)
            folder.put(f"textgrid/{row.split}/{row.id}.TextGrid", _document(row))


def _document(row: FormRow) -> bytes:
    words = [
        (word.start, min(word.end, row.duration), word.word)
        for word in row.words
        if word.start < min(word.end, row.duration)
    ]
    return document([("words", words), ("text", [(0.0, row.duration, row.text)])], end=row.duration)
