"""ELAN's EAF beside each sound: a tier of words and one with the whole text.

eaf/<split>/<clip>.eaf
"""

from xml.sax.saxutils import escape, quoteattr

from releases.forms.files import put_sound
from releases.forms.folder import FormFolder
from releases.forms.source import FormRow, PulledVersion


def write(version: PulledVersion, folder: FormFolder) -> None:
    for part in version.parts:
        for row in part.rows():
            sound = put_sound(row, folder)
            folder.put(f"eaf/{row.split}/{row.id}.eaf", _document(row, f"../../{sound}"))


def _document(row: FormRow, sound: str) -> bytes:
    """EAF 3.0; ELAN counts whole milliseconds."""
    spans = [("text", 0.0, row.duration, row.text)]
    spans += [("words", word.start, word.end, word.word) for word in row.words]
    slots: list[str] = []
    tiers: dict[str, list[str]] = {"text": [], "words": []}
    for number, (tier, start, end, text) in enumerate(spans, start=1):
        first, last = round(start * 1000), max(round(end * 1000), round(start * 1000) + 1)
        slots += [
            f'<TIME_SLOT TIME_SLOT_ID="ts{2 * number - 1}" TIME_VALUE="{first}"/>',
            f'<TIME_SLOT TIME_SLOT_ID="ts{2 * number}" TIME_VALUE="{last}"/>',
        ]
        tiers[tier].append(
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" TIME_SLOT_REF1="ts{2 * number - 1}" '
            f'TIME_SLOT_REF2="ts{2 * number}"><ANNOTATION_VALUE>{escape(text)}</ANNOTATION_VALUE>'
            "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        )
    media = quoteattr(sound)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">',
        '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
        f'<MEDIA_DESCRIPTOR MEDIA_URL={media} MIME_TYPE="audio/flac" RELATIVE_MEDIA_URL={media}/>',
        "</HEADER>",
        "<TIME_ORDER>",
        *slots,
        "</TIME_ORDER>",
    ]
    for tier, annotations in tiers.items():
        attributes = f"PARTICIPANT={quoteattr(row.speaker)} TIER_ID={quoteattr(tier)}"
        lines += [f'<TIER LINGUISTIC_TYPE_REF="span" {attributes}>', *annotations, "</TIER>"]
    lines += [
        '<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="span" TIME_ALIGNABLE="true"/>',
        f"<LANGUAGE LANG_ID={quoteattr(row.language)}/>",
        "</ANNOTATION_DOCUMENT>",
    ]
    return ("\n".join(lines) + "\n").encode()
