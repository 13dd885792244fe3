"""Common Voice's layout, one folder a language; the sounds stay FLAC.

commonvoice/<language>/clips/<clip>.flac, commonvoice/<language>/{train,dev,test,validated}.tsv
"""

from contextlib import ExitStack

from releases.forms.folder import FormFolder, Lines, one_line
from releases.forms.source import FormRow, PulledVersion

PARTS = {"train": "train", "validation": "dev", "test": "test"}
COLUMNS = (
    *("client_id", "path", "sentence_id", "sentence", "sentence_domain", "up_votes", "down_votes"),
    *("age", "gender", "accents", "variant", "locale", "segment"),
)
GENDERS = {"female": "female_feminine", "male": "male_masculine", "other": "do_not_wish_to_say"}
DECADES = (
    "teens",
    "twenties",
    "thirties",
    "fourties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
)
"""As Common Voice spells them, from ten years on."""


def write(version: PulledVersion, folder: FormFolder) -> None:
    open_lists: dict[tuple[str, str], Lines] = {}
    with ExitStack() as stack:

        def listed(language: str, part: str) -> Lines:
            if (language, part) not in open_lists:
                lines = stack.enter_context(folder.lines(f"commonvoice/{language}/{part}.tsv"))
                lines.write("\t".join(COLUMNS))
                open_lists[language, part] = lines
            return open_lists[language, part]

        for part in version.parts:
            for row in part.rows():
                folder.put(f"commonvoice/{row.language}/clips/{row.id}.flac", row.audio)
                for name in PARTS.values():
                    listed(row.language, name)
                for name in (PARTS[part.split], "validated"):
                    listed(row.language, name).write(_line(row))


def age(band: str | None) -> str:
    """The decade in which a band of ages begins; nothing where it is not known.

    >>> age("30-44"), age("60+"), age(None)
    ('thirties', 'sixties', '')
    """
    if band is None:
        return ""
    decade = int(band.split("-")[0].rstrip("+")) // 10 - 1
    return DECADES[decade] if 0 <= decade < len(DECADES) else ""


def _line(row: FormRow) -> str:
    said = {
        "client_id": row.speaker,
        "path": f"{row.id}.flac",
        "sentence_id": row.id,
        "sentence": row.text,
        "up_votes": "2",  # as of a validated clip: it was accepted
        "down_votes": "0",
        "age": age(row.age_band),
        "gender": GENDERS.get(row.gender or "", ""),
        "accents": row.dialect or "",
        "locale": row.language,
    }
    return "\t".join(one_line(said.get(column, "")) for column in COLUMNS)
