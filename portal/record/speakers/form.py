"""What a coordinator writes down of a speaker: the fields, their choices, and what is refused in which words."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from catalog.age import is_minor_band, of_age_on, youngest
from catalog.config.project import Project
from catalog.speakers import SpeakerFacts
from portal.http.pages import _
from portal.record.speakers.identity_numbers import holds_identity_number

Say = Callable[[str], str]
"""English to the reader's language."""

GENDERS: Mapping[str, str] = {"female": _("Woman"), "male": _("Man"), "other": _("Other")}
SCHOOLING: Mapping[str, str] = {
    "none": _("Never went to school"),
    "primary": _("Up to class 5"),
    "middle": _("Up to class 8"),
    "secondary": _("Up to class 10 or 12"),
    "college": _("College"),
}
AGE_BANDS = ("18-24", "25-34", "35-44", "45-59", "60+")
MINORS = "12-17"
LONGEST = 80
MONTH_OF_BIRTH = _(
    "December where nobody knows it. It is in no dataset: it says when they are asked themselves."
)
MOST_LANGUAGES = 8
_PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-]{5,19}")


@dataclass(frozen=True, slots=True)
class PrivateFacts:
    """Seen on the speaker's own page alone, by whoever met them."""

    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class SpeakerForm:
    """A form as it was sent. of_age_on: the first day on which a child is surely 18

    faults: what to mend, by field, in the reader's language; none: it can be kept
    """

    facts: SpeakerFacts
    private: PrivateFacts
    of_age_on: date | None = None
    faults: Mapping[str, str] = field(default_factory=dict)


def age_bands(project: Project) -> tuple[str, ...]:
    """The project's own bands where it wants hours by age, else those of AGE_BANDS; children where it takes any."""
    wanted = {band for quota in project.quotas.values() for band in quota.by_age_band}
    bands = sorted(wanted or AGE_BANDS, key=youngest)
    if not project.consent.minors or is_minor_band(bands[0]):
        return tuple(bands)
    return (MINORS, *bands)


def short_name(pseudonym: str) -> str:
    """For the disc beside the name: the number, else the first letters.

    >>> short_name("DUM-014"), short_name("Lakshmi")
    ('014', 'Lak')
    """
    number = re.search(r"[0-9]+$", pseudonym)
    return number.group()[-3:] if number else pseudonym[:3]


def read_form(
    given: Mapping[str, str], project: Project, say: Say, *, pseudonym: str | None = None
) -> SpeakerForm:
    """A form of fields as text. pseudonym: of a speaker who has one already, whatever the form says"""
    texts = {name: _clean(given.get(name, "")) for name in FIELDS}
    faults = {name: fault for name in FIELDS if (fault := _fault_of(name, texts[name], say))}
    if pseudonym is None and not _PSEUDONYM.fullmatch(texts["pseudonym"]):
        faults.setdefault(
            "pseudonym", say(_("Write 2 to 40 letters (A to Z), digits or hyphens, such as DUM-014."))
        )
    for name, choices, words in (
        ("language", tuple(project.languages), _("Choose the language they will speak.")),
        ("gender", tuple(GENDERS), _("Choose one.")),
        ("age_band", age_bands(project), _("Choose one: it decides who may say yes.")),
    ):
        if texts[name] not in choices:
            faults.setdefault(name, say(words))
    is_child = texts["age_band"] in age_bands(project) and is_minor_band(texts["age_band"])
    if is_child and of_age_on(texts["born"]) is None:
        faults.setdefault("born", say(MONTH_OF_BIRTH))
    if not texts["district"]:
        faults.setdefault("district", say(_("Write the district where they live now.")))
    if texts["schooling"] and texts["schooling"] not in SCHOOLING:
        faults.setdefault("schooling", say(_("Choose one.")))
    if texts["phone"] and not _PHONE.fullmatch(_ascii_digits(texts["phone"])):
        faults.setdefault("phone", say(_("A phone number has 6 to 15 digits.")))
    languages = tuple(filter(None, (_clean(each) for each in re.split("[,،;、]", texts["other_languages"]))))
    if len(languages) > MOST_LANGUAGES:
        faults.setdefault("other_languages", say(_("Name the ones they speak best, 8 at most.")))
    facts = SpeakerFacts(
        pseudonym=pseudonym or texts["pseudonym"].upper(),
        language=texts["language"] or None,
        gender=texts["gender"] or None,
        age_band=texts["age_band"] or None,
        district=texts["district"] or None,
        dialect=texts["dialect"] or None,
        native_district=texts["native_district"] or None,
        other_languages=languages,
        schooling=texts["schooling"] or None,
        occupation=texts["occupation"] or None,
        native_language=texts["native_language"] or None,
    )
    private = PrivateFacts(texts["name"] or None, texts["phone"] or None)
    return SpeakerForm(facts, private, of_age_on(texts["born"]) if is_child else None, faults)


FIELDS = (
    "pseudonym",
    "language",
    "native_language",
    "gender",
    "age_band",
    "born",
    "district",
    "native_district",
    "dialect",
    "other_languages",
    "schooling",
    "occupation",
    "name",
    "phone",
)


def identity_number_refused(say: Say) -> str:
    return say(
        _(
            "This looks like an Aadhaar number. Identity numbers are never kept here: take it out, nobody needs it."
        )
    )


def _fault_of(name: str, text: str, say: Say) -> str | None:
    if holds_identity_number(text, phone=name == "phone"):
        return identity_number_refused(say)
    if len(text) > (LONGEST * 3 if name == "other_languages" else LONGEST):
        return say(_("This is too long: a few words are enough."))
    return None


def _clean(text: str) -> str:
    """One line, one form of each letter, no control characters, no spaces around it."""
    plain = "".join(
        " " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", text)[:1000]
    )
    return " ".join("".join(each for each in plain if unicodedata.category(each) not in ("Cc", "Cs")).split())


def _ascii_digits(text: str) -> str:
    return "".join(
        str(unicodedata.decimal(each)) if unicodedata.category(each) == "Nd" else each for each in text
    )
