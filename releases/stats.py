"""What a version holds, in figures: read from the columns of its rows, without their sound."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.store import StoreReader
from catalog.store.stored_file import StoredFile
from releases.figures import FACTS, MEASURES, UNKNOWN
from releases.map_in_order import map_in_order
from releases.measures import Measures
from releases.parquet import read_columns
from releases.rows import SPLITS
from releases.versions import File, Version


@dataclass(frozen=True, slots=True)
class Held:
    clips: int
    seconds: float
    speakers: int


@dataclass(frozen=True, slots=True)
class Stats:
    """by_fact:  for each fact and each of its values, what there is
    measures: for each measure, its value at each of QUANTILES of the clips that have one
    words:    running words; vocabulary: different ones
    """

    dataset: str
    version: str
    total: Held
    by_split: Mapping[str, Held]
    by_fact: Mapping[str, Mapping[str, Held]]
    measures: Mapping[str, Mapping[str, float]]
    words: int
    vocabulary: int


def stats(store: StoreReader, version: Version) -> Stats:
    """Count a version as it is now. Raises NotStored."""
    counted = _Counted()
    files = [file for file in version.files if file.path.startswith("data/")]
    columns = ("text", "speaker", *FACTS, *MEASURES)

    def read(file: File) -> list[dict[str, object]]:
        return list(read_columns(StoredFile(store, version.key(file), file.size), columns))

    for file, rows in zip(files, map_in_order(read, files), strict=True):
        split = next(split for split in SPLITS if file.path.startswith(f"data/{split}-"))
        for row in rows:
            counted.add(split, row)
    return Stats(
        dataset=version.commit.dataset,
        version=version.commit.version,
        total=counted.held("", ""),
        by_split={split: counted.held("split", split) for split in SPLITS},
        by_fact={
            fact: {value: counted.held(fact, value) for value in counted.values(fact)} for fact in FACTS
        },
        measures={
            name: counted.measures.quantiles(name) for name in MEASURES if counted.measures.count(name)
        },
        words=counted.words.total(),
        vocabulary=len(counted.words),
    )


class _Counted:
    def __init__(self) -> None:
        self._clips: Counter[tuple[str, str]] = Counter()
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._speakers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.measures = Measures()
        self.words: Counter[str] = Counter()

    def add(self, split: str, row: Mapping[str, object]) -> None:
        facts = [("", ""), ("split", split), *((fact, str(row[fact] or UNKNOWN)) for fact in FACTS)]
        for key in facts:
            self._clips[key] += 1
            self._seconds[key] += float(str(row["duration"]))
            self._speakers[key].update(str(row["speaker"]).split("+"))
        self.measures.add((name, None if row[name] is None else float(str(row[name]))) for name in MEASURES)
        self.words.update(str(row["text"]).split())

    def held(self, fact: str, value: str) -> Held:
        key = (fact, value)
        return Held(self._clips[key], round(self._seconds[key], 6), len(self._speakers[key]))

    def values(self, fact: str) -> list[str]:
        return sorted(value for name, value in self._clips if name == fact)
