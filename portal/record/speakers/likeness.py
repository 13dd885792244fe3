"""Whether somebody is known already: one person under two pseudonyms would stand in two splits of a dataset."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz
from sqlalchemy import select
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


@dataclass(frozen=True, slots=True)
class SimilarSpeaker:
    """A speaker who may be the same person. What is private of them is not told, only that it is alike."""

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
    found: list[SimilarSpeaker] = []
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
    for row in rows:
        if row.id == but:
            continue
        alike = (row.gender, row.age_band, _plain(row.district)) == (
            facts.gender,
            facts.age_band,
            _plain(facts.district),
        )
        why: Why | None = None
        if phone and phone == phone_key(row.phone):
            why = "phone"
        elif alike and name and fuzz.token_sort_ratio(name, name_key(row.name)) >= ALIKE:
            why = "name"
        elif alike and facts.occupation and not (name and row.name) and _life(row) == _life(facts):
            why = "facts"
        if why:
            found.append(SimilarSpeaker(row.id, row.pseudonym, row.handle, why))
    order = {"phone": 0, "name": 1, "facts": 2}
    return tuple(sorted(found, key=lambda each: order[each.why])[:MOST])


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
