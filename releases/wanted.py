"""Hours of a version against what the project wants, by its quotas."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.config.project import Quota
from releases.rows import Row

Of = Literal["all", "district", "gender", "age_band"]
OF: tuple[Of, ...] = ("all", "district", "gender", "age_band")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of one language, in all or of one value of a fact. value: empty for all; seconds: what the version has"""

    language: str
    fact: Of
    value: str
    seconds: float
    wanted: float

    @property
    def share(self) -> float:
        """
        >>> Wanted("te", "all", "", 1800.0, 7200.0).share
        0.25
        """
        return self.seconds / self.wanted


def against_quotas(rows: Iterable[Row], quotas: Mapping[str, Quota]) -> tuple[Wanted, ...]:
    """Every quota of the project, in the order of languages, facts and values; those that nobody has met at all too."""
    have: Counter[tuple[str, Of, str]] = Counter()
    for row in rows if quotas else ():
        for fact in OF:
            value = "" if fact == "all" else getattr(row, fact) or ""
            have[row.language, fact, value] += round(row.seconds * 1000)
    return tuple(
        Wanted(language, fact, value, have[language, fact, value] / 1000, hours * 3600)
        for language, quota in sorted(quotas.items())
        for fact, value, hours in _parts(quota)
    )


def _parts(quota: Quota) -> Iterator[tuple[Of, str, float]]:
    yield "all", "", quota.hours
    yield from (("district", value, hours) for value, hours in sorted(quota.by_district.items()))
    yield from (("gender", value, hours) for value, hours in sorted(quota.by_gender.items()))
    yield from (("age_band", value, hours) for value, hours in sorted(quota.by_age_band.items()))
