"""The figures of a version: hours by everything that matters to whoever trains on it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from catalog.config.project import Quota
from catalog.reconciliation.balance import Balance, BalanceLine
from releases.rows import SPLITS, Row, Split
from releases.selection import HeldBack, Selection
from releases.sentences import said_in_train
from releases.wanted import Wanted, against_quotas

Fact = Literal["language", "gender", "age_band", "district", "dialect"]
FACTS: tuple[Fact, ...] = ("language", "gender", "age_band", "district", "dialect")
MEASURES = ("duration", "snr_db", "speaking_rate", "cer", "alignment_score")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Amount:
    clips: int
    seconds: float
    speakers: int

    @property
    def hours(self) -> float:
        return self.seconds / 3600


@dataclass(frozen=True, slots=True)
class Agreement:
    """How texts were decided on. mean_cer: between two people's texts of one clip, where two wrote"""

    by_origin: Mapping[str, int]
    written_twice: int
    mean_cer: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """by_fact: for each fact, for each of its values, for each split (and `all`)

    spread: for each measure, its value at each of QUANTILES of the clips that have one
    """

    total: Amount
    by_split: Mapping[str, Amount]
    by_fact: Mapping[Fact, Mapping[str, Mapping[str, Amount]]]
    spread: Mapping[str, Mapping[str, float]]
    agreement: Agreement
    by_alignment: Mapping[str, int]
    recipes: tuple[str, ...]
    guidelines: tuple[str, ...]
    aligners: tuple[str, ...]
    licences: tuple[str, ...]
    speakers_asked: int
    speakers_by_public_licence: int
    sample_rates: tuple[int, ...]
    """Of the originals."""
    mean_snr_db: float | None
    said_in_train: Mapping[str, int]
    """For validation and test: clips whose very text also stands in train, by other voices."""
    held_back: Mapping[HeldBack, int]
    received: BalanceLine
    ends: tuple[BalanceLine, ...]
    wanted: tuple[Wanted, ...] = ()
    """Against the project's quotas."""


def figures(selection: Selection, balance: Balance, quotas: Mapping[str, Quota]) -> Figures:
    """Count what is in the selection; take from the books what is not. quotas: of the project, by language"""
    rows = selection.rows
    twice = [row.cer for row in rows if row.cer is not None]
    heard = [row.snr_db for row in rows if row.snr_db is not None]
    return Figures(
        total=amount(rows),
        by_split={split: amount(selection.of(split)) for split in SPLITS},
        by_fact={fact: by_value(fact, rows, selection.splits) for fact in FACTS},
        spread=_spread(rows),
        agreement=Agreement(
            dict(sorted(Counter(row.transcript_origin for row in rows).items())),
            len(twice),
            fmean(twice) if twice else None,
        ),
        by_alignment=dict(sorted(Counter(row.alignment for row in rows).items())),
        recipes=_different(row.recipe for row in rows),
        guidelines=_different(row.guideline for row in rows),
        aligners=_different(row.aligner for row in rows),
        licences=_different(licence for row in rows for licence in row.licence.split(" AND ")),
        speakers_asked=amount(row for row in rows if row.consent == "informed").speakers,
        speakers_by_public_licence=amount(row for row in rows if row.consent != "informed").speakers,
        sample_rates=tuple(sorted({row.original_rate for row in rows})),
        mean_snr_db=fmean(heard) if heard else None,
        said_in_train=said_in_train(rows, selection.splits),
        held_back=dict(sorted(selection.held_back.items())),
        received=balance.received,
        ends=balance.lines,
        wanted=against_quotas(rows, quotas),
    )


def quantiles(values: Iterable[float]) -> Mapping[str, float]:
    """The value that each of QUANTILES of them does not pass, by nearest rank.

    >>> quantiles([3.0, 1.0, 2.0])["0.5"]
    2.0
    """
    ordered = sorted(values)
    last = len(ordered) - 1
    return {f"{share:g}": ordered[round(share * last)] for share in QUANTILES}


def _spread(rows: Iterable[Row]) -> Mapping[str, Mapping[str, float]]:
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    for row in rows:
        for name in MEASURES:
            value = row.seconds if name == "duration" else getattr(row, name)
            if value is not None:
                found[name].append(value)
    return {name: quantiles(values) for name, values in found.items() if values}


def by_value(
    fact: Fact, rows: Iterable[Row], splits: Mapping[str, Split]
) -> Mapping[str, Mapping[str, Amount]]:
    """What there is of each value of a fact, by split and in all. splits: by clip"""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, fact) or UNKNOWN].append(row)
    return {
        value: {
            "all": amount(found[value]),
            **{split: amount(row for row in found[value] if splits[row.id] == split) for split in SPLITS},
        }
        for value in sorted(found)
    }


def amount(rows: Iterable[Row]) -> Amount:
    """How much these rows are."""
    clips, seconds, voices = 0, 0.0, set[str]()
    for row in rows:
        clips += 1
        seconds += row.seconds
        voices.update(row.voices)
    return Amount(clips, seconds, len(voices))


def _different(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
