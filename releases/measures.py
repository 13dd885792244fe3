"""Values of measures, however many: their quantiles and their mean, exact, with constant memory."""

from collections.abc import Iterable, Mapping
from statistics import fmean

from catalog.scratch_database import AT_A_TIME, ScratchDatabase

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Measures:
    """Values under names, on disk."""

    def __init__(self) -> None:
        self._database = ScratchDatabase("CREATE TABLE measured (name TEXT, value)")
        self._waiting: list[tuple[str, float]] = []
        self._is_sorted = False

    def add(self, values: Iterable[tuple[str, float | None]]) -> None:
        """Each value under its name; None is none."""
        self._waiting.extend((name, value) for name, value in values if value is not None)
        if len(self._waiting) >= AT_A_TIME:
            self._write()

    def count(self, name: str) -> int:
        (count,) = self._sorted().one("SELECT count(*) FROM measured WHERE name = ?", (name,))
        return int(count)

    def quantiles(self, name: str) -> Mapping[str, float]:
        """The value that each of QUANTILES of them does not pass, by nearest rank; nothing where there is none.

        >>> measures = Measures()
        >>> measures.add([("snr_db", 3.0), ("snr_db", 1.0), ("snr_db", 2.0), ("cer", None)])
        >>> measures.quantiles("snr_db")["0.5"], measures.quantiles("cer")
        (2.0, {})
        """
        last = self.count(name) - 1
        if last < 0:
            return {}
        ranked = "SELECT value FROM measured WHERE name = ? ORDER BY value LIMIT 1 OFFSET ?"
        return {
            f"{share:g}": self._sorted().one(ranked, (name, round(share * last)))[0] for share in QUANTILES
        }

    def mean(self, name: str) -> float | None:
        """Their mean, rounded once; None where there is none."""
        if not self.count(name):
            return None
        values = self._sorted().each("SELECT value FROM measured WHERE name = ?", (name,))
        return fmean(value for (value,) in values)

    def _sorted(self) -> ScratchDatabase:
        self._write()
        if not self._is_sorted:
            self._database.run("CREATE INDEX by_name ON measured (name, value)")
            self._is_sorted = True
        return self._database

    def _write(self) -> None:
        self._database.insert("INSERT INTO measured VALUES (?, ?)", self._waiting)
        self._waiting = []
