"""The figures of a version: hours by everything that matters to whoever trains on it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from catalog.config.project import Quota
from catalog.reconciliation.balance import Balance, BalanceLine
from releases.measures import Measures
from releases.rows import SPLITS, Row, Split, SplitOf
from releases.selection import HeldBack, Selection
from releases.wanted import Wanted, against_quotas

Fact = Literal["language", "gender", "age_band", "district", "dialect"]
FACTS: tuple[Fact, ...] = ("language", "gender", "age_band", "district", "dialect")
MEASURES = ("duration", "snr_db", "speaking_rate", "cer", "alignment_score")
UNKNOWN = "unknown"
_COUNTED = ("transcript_origin", "alignment", "recipe", "guideline", "aligner", "licence")
_Key = tuple[str, str, str]
"""A fact, its value, and a split or `all`."""


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
    models: Mapping[str, int] = field(default_factory=dict)
    """By model: clips that carry what it heard (releases.pairs)."""


def figures(
    selection: Selection, balance: Balance, quotas: Mapping[str, Quota], said_in_train: Mapping[str, int]
) -> Figures:
    """Count what is in the selection; take from the books what is not.

    quotas: of the project, by language; said_in_train: as the leak report has it
    """
    counted = Tally(selection.rows, selection.split_of)
    return Figures(
        total=counted.amount("all"),
        by_split={split: counted.amount("all", split=split) for split in SPLITS},
        by_fact={fact: counted.by_value(fact) for fact in FACTS},
        spread=counted.spread(),
        agreement=Agreement(
            counted.clips_by("transcript_origin"), counted.measured("cer"), counted.mean("cer")
        ),
        by_alignment=counted.clips_by("alignment"),
        recipes=counted.different("recipe"),
        guidelines=counted.different("guideline"),
        aligners=counted.different("aligner"),
        licences=tuple(
            sorted({each for said in counted.different("licence") for each in said.split(" AND ")})
        ),
        speakers_asked=counted.amount("consent", "informed").speakers,
        speakers_by_public_licence=counted.amount("consent", "public_licence").speakers,
        sample_rates=counted.rates,
        mean_snr_db=counted.mean("snr_db"),
        said_in_train=said_in_train,
        held_back=dict(sorted(selection.held_back.items())),
        received=balance.received,
        ends=balance.lines,
        wanted=against_quotas(selection.rows, quotas),
        models=counted.clips_by("model"),
    )


class Tally:
    """Rows counted in one pass: by everything that figures ask for."""

    def __init__(self, rows: Iterable[Row], split_of: SplitOf) -> None:
        self._clips: Counter[_Key] = Counter()
        self._seconds: defaultdict[_Key, float] = defaultdict(float)
        self._voices: defaultdict[_Key, set[str]] = defaultdict(set)
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._rates: set[int] = set()
        self._measures = Measures()
        for row in rows:
            self._add(row, split_of(row))

    def amount(self, fact: str, value: str = "", *, split: Split | Literal["all"] = "all") -> Amount:
        """How much there is of a value of a fact; of everything for the fact `all`."""
        key = (fact, value, split)
        return Amount(self._clips[key], self._seconds.get(key, 0.0), len(self._voices.get(key, ())))

    def by_value(self, fact: Fact) -> Mapping[str, Mapping[str, Amount]]:
        """What there is of each value of a fact, by split and in all."""
        values = sorted(value for name, value, split in self._clips if name == fact and split == "all")
        return {
            value: {
                "all": self.amount(fact, value),
                **{split: self.amount(fact, value, split=split) for split in SPLITS},
            }
            for value in values
        }

    def clips_by(self, column: str) -> Mapping[str, int]:
        return dict(sorted(self._counts[column].items()))

    def different(self, column: str) -> tuple[str, ...]:
        return tuple(sorted(self._counts[column]))

    @property
    def rates(self) -> tuple[int, ...]:
        return tuple(sorted(self._rates))

    def measured(self, name: str) -> int:
        """How many clips have a measure."""
        return self._measures.count(name)

    def mean(self, name: str) -> float | None:
        return self._measures.mean(name)

    def spread(self) -> Mapping[str, Mapping[str, float]]:
        found = {name: self._measures.quantiles(name) for name in MEASURES}
        return {name: quantiles for name, quantiles in found.items() if quantiles}

    def _add(self, row: Row, split: Split) -> None:
        facts = [("all", ""), *((fact, getattr(row, fact) or UNKNOWN) for fact in FACTS)]
        keys = [(*fact, of) for fact in facts for of in ("all", split)]
        for key in (*keys, ("consent", row.consent, "all")):
            self._clips[key] += 1
            self._seconds[key] += row.seconds
            self._voices[key].update(row.voices)
        for column in _COUNTED:
            self._counts[column][getattr(row, column)] += 1
        if row.pairs is not None:
            self._counts["model"].update(model for model, *_ in row.heard)
        self._rates.add(row.original_rate)
        self._measures.add(
            (name, row.seconds if name == "duration" else getattr(row, name)) for name in MEASURES
        )
