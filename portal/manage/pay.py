"""The ledger by month and person: what a manager pays out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.i18n.formats import ZONE
from transcription.pay import Owed


@dataclass(slots=True)
class PersonMonth:
    """What one person is owed of a month. minutes: of accepted sound, where that is what is paid; words likewise"""

    handle: str
    pieces: int = 0
    minutes: float = 0.0
    words: float = 0.0
    millis: int = 0


@dataclass(slots=True)
class Month:
    """name: year and month of India's calendar, 2026-11; currency: as ISO 4217 has it"""

    name: str
    currency: str
    people: dict[str, PersonMonth] = field(default_factory=dict)

    @property
    def millis(self) -> int:
        return sum(each.millis for each in self.people.values())


def months_of(owed: Iterable[Owed]) -> list[Month]:
    """Newest month first; a project that changed its currency has a month in each."""
    months: dict[tuple[str, str], Month] = {}
    for line in owed:
        name = line.at.astimezone(ZONE).strftime("%Y-%m")
        month = months.setdefault((name, line.currency), Month(name, line.currency))
        person = month.people.setdefault(line.handle, PersonMonth(line.handle))
        person.pieces += 1
        person.millis += line.amount_millis
        if line.unit == "word":
            person.words += line.quantity
        else:
            person.minutes += line.quantity
    for month in months.values():
        month.people = dict(sorted(month.people.items()))
    return [months[key] for key in sorted(months, reverse=True)]
