"""Which rows a dataset takes, as a manager writes it: `snr_db >= 15`, `district = Warangal, Hanamkonda`.

A condition is a column of the dataset, a comparison, and one value or several with commas between. A text is compared
as a whole, or up to a `*` at its end. Where a fact is not known, only `= unknown` and `!=` of something else hold.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalog.config.sentence import Sentence

Kind = Literal["text", "number", "date", "texts"]
Comparison = Literal["=", "!=", ">=", "<="]
Fact = str | float | int | date | tuple[str, ...] | None

COLUMNS: dict[str, Kind] = {
    "language": "text",
    "language_tag": "text",
    "speaker": "text",
    "gender": "text",
    "age_band": "text",
    "district": "text",
    "dialect": "text",
    "native_language": "text",
    "device": "text",
    "codec": "text",
    "channel": "text",
    "prompt_set": "text",
    "prompt": "text",
    "recipe": "text",
    "licence": "text",
    "consent": "text",
    "transcript_origin": "text",
    "guideline": "text",
    "tags": "texts",
    "duration": "number",
    "snr_db": "number",
    "loudness_lufs": "number",
    "clipped_share": "number",
    "bandwidth_hz": "number",
    "original_rate": "number",
    "channels": "number",
    "cer": "number",
    "alignment_score": "number",
    "writers": "number",
    "speaking_rate": "number",
    "recorded_on": "date",
    "received_on": "date",
    "accepted_on": "date",
}
UNKNOWN = "unknown"
_FORM = re.compile(r"\s*([a-z_]+)\s*(>=|<=|!=|=)\s*(\S.*?)\s*")


class InvalidCondition(ValueError):
    """A condition that can't be read: the rule, what was given, and the mend."""

    def __init__(self, rule: Sentence, given: str, mend: str = "") -> None:
        self.rule, self.given, self.mend = rule, given, mend
        super().__init__(f"{rule}, given {given}. {mend}".rstrip())


@dataclass(frozen=True, slots=True)
class Condition:
    """text: as it was written"""

    column: str
    comparison: Comparison
    values: tuple[str | float | date, ...]
    text: str

    def holds(self, fact: Fact) -> bool:
        """Whether a row with this fact is taken."""
        if self.comparison in (">=", "<="):
            (bound,) = self.values
            if isinstance(fact, tuple) or fact is None:
                return False
            return fact >= bound if self.comparison == ">=" else fact <= bound  # type: ignore[operator]
        found = any(_is(each, value) for each in _facts(fact) for value in self.values)
        return found == (self.comparison == "=")


def parse(text: str) -> Condition:
    """Read a condition. Raises InvalidCondition.

    >>> parse("district = Warangal, Hanamkonda").values
    ('Warangal', 'Hanamkonda')
    >>> parse("snr_db >= 15").holds(18.5), parse("snr_db >= 15").holds(None), parse("tags != noise").holds(())
    (True, False, True)
    """
    match = _FORM.fullmatch(text)
    if match is None:
        rule = Sentence("a condition is a column, one of = != >= <=, and values")
        raise InvalidCondition(rule, repr(text), Sentence("Write `snr_db >= 15`."))
    column, comparison, written = match[1], match[2], [each.strip() for each in match[3].split(",")]
    if column not in COLUMNS:
        mend = Sentence("Columns: %(names)s.", names=", ".join(sorted(COLUMNS)))
        raise InvalidCondition(Sentence("a condition names a column"), repr(column), mend)
    kind = COLUMNS[column]
    if not all(written):
        rule, mend = Sentence("values stand between commas"), Sentence("Take the comma too many out.")
        raise InvalidCondition(rule, repr(text), mend)
    ordered = comparison in (">=", "<=")
    if ordered and (kind in ("text", "texts") or len(written) != 1):
        rule = Sentence("%(sign)s compares a number or a date with one value", sign=comparison)
        raise InvalidCondition(rule, repr(text), Sentence("Use = or !=."))
    values = tuple(_value(kind, each, text) for each in written)
    return Condition(column, comparison, values, " ".join(text.split()))  # type: ignore[arg-type]


def parse_all(texts: Sequence[str]) -> tuple[Condition, ...]:
    return tuple(parse(each) for each in texts)


def _value(kind: Kind, written: str, text: str) -> str | float | date:
    if kind in ("text", "texts") or written == UNKNOWN:
        return written
    try:
        return float(written) if kind == "number" else date.fromisoformat(written)
    except ValueError:
        rule = Sentence("a date is written as 2026-11-22")
        if kind == "number":
            rule = Sentence("a number is written as 15 or 0.2")
        raise InvalidCondition(rule, f"{written!r} in {text!r}") from None


def _facts(fact: Fact) -> tuple[Fact, ...]:
    if isinstance(fact, tuple):
        return fact
    return (UNKNOWN,) if fact is None else (fact,)


def _is(fact: Fact, value: str | float | date) -> bool:
    if isinstance(fact, str) and isinstance(value, str) and value.endswith("*"):
        return fact.startswith(value[:-1])
    return fact == value
