"""Similar speakers: whether somebody is known already.

One person under two pseudonyms would stand in two splits of a dataset.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz import fuzz
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from catalog.speakers import SpeakerFacts
from catalog.tables import Person, Speaker, SpeakerPrivate
from portal.record.speakers.form import PrivateFacts, short_name

ALIKE = 80.0
"""Of 100: Lakshmi Devi and Laxmi Devi are alike, Lakshmi and Laxmi Devi are not."""
MOST = 5
PHONE_DIGITS = 10
MOST_COMPARED = 20_000

Why = Literal["phone", "name", "facts"]
_LIKELIEST: Mapping[Why, int] = {"phone": 0, "name": 1, "facts": 2}


@dataclass(frozen=True, slots=True)
class SimilarSpeaker:
    """A speaker who may be the same person. What is private of them is not shown, only that it is alike."""

    speaker_id: str
    pseudonym: str
    met_by: str | None
    why: Why

    @property
    def short(self) -> str:
        return short_name(self.pseudonym)


def likely_same(
    session: Session,
    project_id: str,
    facts: SpeakerFacts,
    private: PrivateFacts,
    *,
    but: str | None = None,
) -> tuple[SimilarSpeaker, ...]:
    """Speakers of the project who may be this person, the likeliest first. but: a speaker who is not compared"""
    phone, name = phone_key(private.phone), name_key(private.name)
    rows = session.execute(
        select(
            Speaker.id,
            Speaker.pseudonym,
            Speaker.gender,
            Speaker.age_band,
            Speaker.district,
            Speaker.native_district,
            Speaker.dialect,
            Speaker.schooling,
            Speaker.occupation,
            SpeakerPrivate.name,
            SpeakerPrivate.phone,
            Person.handle,
        )
        .outerjoin(SpeakerPrivate, SpeakerPrivate.speaker_id == Speaker.id)
        .outerjoin(Person, Person.id == Speaker.registered_by)
        .where(Speaker.project_id == project_id)
        .order_by(Speaker.created_at.desc(), Speaker.id)
        .limit(MOST_COMPARED)
    )
    found = [
        SimilarSpeaker(row.id, row.pseudonym, row.handle, why)
        for row in rows
        if row.id != but and (why := _why_similar(row, facts, phone, name)) is not None
    ]
    return tuple(sorted(found, key=lambda each: _LIKELIEST[each.why])[:MOST])


def _why_similar(row: Row[Any], facts: SpeakerFacts, phone: str, name: str) -> Why | None:
    """phone, name: keys of the one who is compared, empty where they are not known"""
    if phone and phone == phone_key(row.phone):
        return "phone"
    if (row.gender, row.age_band, _plain(row.district)) != (
        facts.gender,
        facts.age_band,
        _plain(facts.district),
    ):
        return None
    if name and fuzz.token_sort_ratio(name, name_key(row.name)) >= ALIKE:
        return "name"
    if facts.occupation and not (name and row.name) and _life(row) == _life(facts):
        return "facts"
    return None


def phone_key(phone: str | None) -> str:
    """The number without country code and marks.

    >>> phone_key("+91 98480-12345") == phone_key("09848012345") == "9848012345"
    True
    """
    digits = "".join(
        str(unicodedata.decimal(each)) for each in phone or "" if unicodedata.category(each) == "Nd"
    )
    return digits[-PHONE_DIGITS:]


def name_key(name: str | None) -> str:
    """The letters of a name, however it was typed.

    >>> name_key("  Lakshmi  DEVI.")
    'lakshmi devi'
    """
    folded = unicodedata.normalize("NFKC", name or "").casefold()
    # marks are letters' other half in Indic scripts
    letters = (each if unicodedata.category(each)[0] in "LM" else " " for each in folded)
    return " ".join("".join(letters).split())


def _life(of: object) -> tuple[str, ...]:
    names = ("native_district", "dialect", "schooling", "occupation")
    return tuple(_plain(getattr(of, name)) for name in names)


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
