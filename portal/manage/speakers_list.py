"""A list of speakers: each row held against who is known, with what is new, changed or wrong, before it is written."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.orm import Session

from catalog.config.project import Project
from catalog.places import PlaceList
from catalog.speakers import SINGLE_FACTS, SpeakerFacts, speaker_id_of
from catalog.table_reader import TableRow, read_table
from catalog.tables import Speaker
from portal.http.pages import _
from portal.places import in_their_spelling
from portal.record.speakers.form import FIELDS, GENDERS, PrivateFacts, Say, SpeakerForm, read_form
from portal.record.speakers.likeness import likely_same
from portal.record.speakers.queries import facts_of, month_of_birth, private_of

MOST_SPEAKERS = 500
ALIASES = {
    "speaker": "pseudonym",
    "code": "pseudonym",
    "age": "age_band",
    "mother_tongue": "native_language",
    "telephone": "phone",
    "mobile": "phone",
}
TOO_MANY = _("a list has 500 speakers at most")
TWICE = _("stands in the list twice")
TAKEN_BACK = _("this voice took its consent back: nothing more is noted of it")
ALIKE = _("Somebody like this is known already. One person has one pseudonym: look first.")
Standing = Literal["new", "changed", "known", "wrong"]


@dataclass(frozen=True, slots=True)
class ListedSpeaker:
    """A row of the list. faults: in the reader's language; changes: field, before and after, without what is private"""

    line: int
    form: SpeakerForm
    standing: Standing
    faults: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def rows_of(data: bytes) -> list[TableRow]:
    """Raises UnreadableTable, with how to save it."""
    return read_table(data, required=["pseudonym"], aliases=ALIASES)


def pseudonyms(rows: Sequence[TableRow]) -> list[str]:
    """Of the rows, as speakers are known by them."""
    return [_pseudonym_of(row) for row in rows[:MOST_SPEAKERS]]


def listed(
    session: Session, project: Project, rows: Sequence[TableRow], say: Say, *, places: PlaceList | None = None
) -> Iterator[ListedSpeaker]:
    """Each row with its standing. What a row leaves empty stays as it is known.

    places: the project's own districts, by whose spelling rows are read
    """
    words = {say(name).casefold(): gender for gender, name in GENDERS.items()}
    seen: set[str] = set()
    for place, row in enumerate(rows):
        given = {name: text.strip() for name, text in row.cells.items() if name in FIELDS and text.strip()}
        if _DAY.fullmatch(given.get("born", "")):  # a spreadsheet makes a day of every month
            given["born"] = given["born"][:7]
        if gender := given.get("gender"):
            given["gender"] = words.get(gender.casefold(), gender.lower())
        pseudonym = _pseudonym_of(row)
        speaker = session.get(Speaker, speaker_id_of(project.name, pseudonym))
        known = _as_fields(session, speaker) if speaker else {}
        form = read_form({**known, **in_their_spelling(places, given)}, project, say)
        faults = list(form.faults.values())
        if place >= MOST_SPEAKERS:
            faults = [say(TOO_MANY)]
        elif pseudonym in seen:
            faults = [say(TWICE)]
        seen.add(pseudonym)
        yield _standing(session, project, row.line, form, faults, speaker, say)


def _pseudonym_of(row: TableRow) -> str:
    return row.cells.get("pseudonym", "").strip().upper()


def _standing(
    session: Session,
    project: Project,
    line: int,
    form: SpeakerForm,
    faults: Sequence[str],
    speaker: Speaker | None,
    say: Say,
) -> ListedSpeaker:
    if faults:
        return ListedSpeaker(line, form, "wrong", tuple(faults))
    if speaker is None:
        alike = likely_same(session, project.name, form.facts, form.private)
        if same := [each.pseudonym for each in alike if each.why in ("phone", "name")]:
            return ListedSpeaker(line, form, "wrong", (f"{say(ALIKE)} {', '.join(same)}",))
        return ListedSpeaker(line, form, "new")
    if speaker.consent_round and not speaker.consent_scopes:
        return ListedSpeaker(line, form, "wrong", (say(TAKEN_BACK),))
    form = replace(form, facts=replace(form.facts, pseudonym=speaker.pseudonym))
    changes = _changes(facts_of(session, speaker.id), form.facts)
    is_private = private_of(session, speaker.id)[0] != form.private
    is_of_birth = form.of_age_on not in (None, speaker.of_age_on)
    standing: Standing = "changed" if changes or is_private or is_of_birth else "known"
    return ListedSpeaker(line, form, standing, (), changes)


def _changes(before: SpeakerFacts, after: SpeakerFacts) -> tuple[tuple[str, str, str], ...]:
    names = [*SINGLE_FACTS, "other_languages"]
    pairs = ((name, _shown(getattr(before, name)), _shown(getattr(after, name))) for name in names)
    return tuple(each for each in pairs if each[1] != each[2])


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def _as_fields(session: Session, speaker: Speaker) -> Mapping[str, str]:
    """What is known of a speaker, as the form has it."""
    facts, private = facts_of(session, speaker.id), private_of(session, speaker.id)[0]
    fields = {name: _shown(getattr(facts, name)) for name in FIELDS if hasattr(facts, name)}
    return fields | _private(private) | {"born": month_of_birth(session, speaker.id)}


def _private(private: PrivateFacts) -> dict[str, str]:
    return {"name": private.name or "", "phone": private.phone or ""}
