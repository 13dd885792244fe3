"""Consensus: one text from several of the same clip, and the word-by-word view that an adjudicator decides from.

The texts are aligned word by word into columns as in ROVER (Fiscus 1997). Each column is decided by how likely each
reading is, given how often its authors are right (Dawid and Skene 1979, with one figure a person), so that the vote
also says how sure it is: of two equals who differ, either may be right. Where the language's accepted texts are known,
they speak for one of two words that are alike. Ties go to the text that is closest to all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import combinations, product
from math import prod

from rapidfuzz.distance import Levenshtein

from transcription.decisions.agreement import agreement
from transcription.decisions.language_fit import LanguageFit, alike
from transcription.rules.guideline import Guideline
from transcription.text import comparison, normalised
from transcription.text.pieces import Piece, pieces, spans
from transcription.text.spellings import Spellings, spellings_of


@dataclass(frozen=True, slots=True)
class Column:
    """One position in the speech. words: what each text has there, as written; None where it has nothing"""

    words: tuple[str | None, ...]
    agreed: bool
    """Do all say the same, tags, punctuation and permitted spellings aside?"""
    vote: str | None
    """What the vote writes there; None leaves the position out."""
    sure: float
    """How likely the vote is right, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Consensus:
    """text: the vote's; closest: index of the text with the least distance to all others, and that distance"""

    text: str
    closest: int
    distance: float
    columns: tuple[Column, ...]

    @property
    def doubt(self) -> float:
        """The share of the text's words to be expected wrong."""
        if not self.columns:
            return 0.0
        return sum(1 - column.sure for column in self.columns) / len(self.columns)


@dataclass(frozen=True, slots=True)
class _WrittenWord:
    """written: as it stands; said: its letters; key: the same for all permitted spellings of the word"""

    written: str
    said: str
    key: str


USUALLY_RIGHT = 0.9
"""How likely a word of somebody is right of whom nothing is known."""


def consensus(
    texts: Sequence[str],
    guideline: Guideline,
    weights: Sequence[float] | None = None,
    language: LanguageFit | None = None,
) -> Consensus:
    """Vote word by word over normalised texts.

    weights:  how likely a word of each author is right, above 0 to 1; equal where left out
    language: what its accepted texts look like; without it the authors alone decide
    Ties: of equally likely readings what the closest text has there, else what the earliest has. The closest text
    has the least weighted sum of CER to the others; of equals, the first. A winning word is written as its
    heaviest author wrote it, tags beside it included; tags around words that the vote tore apart are dropped.
    raises: ValueError without texts, or with weights that don't fit
    """
    if not texts:
        raise ValueError("a consensus is of one text or more, given none")
    trust = [USUALLY_RIGHT] * len(texts) if weights is None else list(weights)
    if len(trust) != len(texts) or not all(0 < weight <= 1 for weight in trust):
        raise ValueError(
            f"there is one weight above 0 and up to 1 for each of the {len(texts)} texts, given: {trust}"
        )
    closest, distance = _closest(texts, guideline, trust)
    rows = _as_one_or_two(_align([_words(text, guideline) for text in texts], closest))
    right = [min(max(weight, 1 - _NEVER_SURE), _NEVER_SURE) for weight in trust]
    columns = tuple(_decide(row, right, trust, closest, language) for row in rows)
    words = [column.vote for column in columns if column.vote is not None]
    return Consensus(_whole_spans(" ".join(words), guideline), closest, distance, columns)


def decided_words(
    right: str, texts: Sequence[str], guideline: Guideline
) -> Iterator[tuple[str | None, str | None]]:
    """Where two texts differ, the word of the right one, and the other. None: nothing there

    Only where one of two readings is the right text's: what somebody else put in tells nothing of the two.
    """
    rows = _as_one_or_two(_align([_words(text, guideline) for text in (right, *texts)], 0))
    for taken, *written in rows:
        readings = {_key(word): word.said if word else None for word in written}
        if len(readings) == 2 and _key(taken) in readings:
            true = readings.pop(_key(taken))
            (other,) = readings.values()
            yield true, other


def _closest(texts: Sequence[str], guideline: Guideline, trust: Sequence[float]) -> tuple[int, float]:
    size = range(len(texts))
    cer = {(a, b): agreement(texts[a], texts[b], guideline).cer for a, b in product(size, size) if a < b}
    sums = [sum(trust[b] * cer[min(a, b), max(a, b)] for b in size if b != a) for a in size]
    closest = min(size, key=lambda index: (round(sums[index], 9), index))
    return closest, sums[closest]


def _words(text: str, guideline: Guideline) -> list[_WrittenWord]:
    """Words with what counts of them; a tag or mark that stands alone goes with the word before, or the next."""
    spellings = spellings_of(guideline)
    words: list[_WrittenWord] = []
    waiting = ""
    for written in _with_dropped_spans_whole(normalised(text, guideline), guideline):
        said = comparison(written, guideline).replace(" ", "")
        if said:
            _append(words, f"{waiting} {written}".strip(), said, spellings)
            waiting = ""
        elif words:
            words[-1] = replace(words[-1], written=f"{words[-1].written} {written}")
        else:
            waiting = f"{waiting} {written}".strip()
    if waiting:
        words.append(_WrittenWord(waiting, "", ""))
    return words


def _append(words: list[_WrittenWord], written: str, said: str, spellings: Spellings) -> None:
    """One word more; an ending that may be joined to the word before is of that word."""
    joined = spellings.joined(words[-1].said, said) if words else None
    if joined is not None:
        written, said = f"{words.pop().written} {written}", joined
    words.append(_WrittenWord(written, said, spellings.key(said)))


def _with_dropped_spans_whole(text: str, guideline: Guideline) -> list[str]:
    """Words of `text`; a span that doesn't count, as a false start of several words, is one of them."""
    parts = list(pieces(text))
    closed = spans(parts)
    result: list[str] = []
    inside_until = -1
    for index, part in enumerate(parts):
        tag = guideline.tags.get(part.name) if part.kind == "tag" else None
        if tag and tag.words == "drop" and index > inside_until:
            inside_until = closed.get(index, index)
        result.append(part.text.replace(" ", "\u00a0") if index <= inside_until else part.text)
    return [word.replace("\u00a0", " ") for word in "".join(result).split(" ") if word]


_Row = tuple["_WrittenWord | None", ...]


def _align(texts: Sequence[list[_WrittenWord]], first: int) -> list[_Row]:
    """Rows of one word from each text: the closest text is laid out, the others are aligned to it one by one."""
    order = [first, *(index for index in range(len(texts)) if index != first)]
    grid: list[list[_WrittenWord | None]] = [[word] for word in texts[first]]
    for done, index in enumerate(order[1:], start=1):
        grid = _add(grid, texts[index], done)
    column_of = [order.index(index) for index in range(len(texts))]
    return [tuple(row[column] for column in column_of) for row in grid]


def _add(
    grid: list[list[_WrittenWord | None]], words: list[_WrittenWord], width: int
) -> list[list[_WrittenWord | None]]:
    """Lay one more text beside `width` others, at least cost."""
    rows, columns = len(grid), len(words)
    cost = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows + 1):
        for column in range(columns + 1):
            if row or column:
                cost[row][column] = min(way[0] for way in _ways(cost, grid, words, row, column))
    wider: list[list[_WrittenWord | None]] = []
    row, column = rows, columns
    while row or column:
        _, rows_back, columns_back = min(_ways(cost, grid, words, row, column))
        before = grid[row - 1] if rows_back else [None] * width
        wider.append([*before, words[column - 1] if columns_back else None])
        row, column = row - rows_back, column - columns_back
    return wider[::-1]


def _ways(
    cost: list[list[float]],
    grid: list[list[_WrittenWord | None]],
    words: list[_WrittenWord],
    row: int,
    column: int,
) -> Iterator[tuple[float, int, int]]:
    """Each way to come to (row, column): the cost so far, rows and columns taken."""
    if row and column:
        yield cost[row - 1][column - 1] + _SWAP * _unlike(grid[row - 1], words[column - 1]), 1, 1
    if row:
        yield cost[row - 1][column] + (_SKIP_MAYBE if None in grid[row - 1] else 1.0), 1, 0
    if column:
        yield cost[row][column - 1] + 1.0, 0, 1


def _as_one_or_two(rows: Sequence[_Row]) -> list[_Row]:
    """The rows, but that two where some wrote as one word what others wrote as two are one question."""
    found: list[_Row] = []
    waiting = list(reversed(rows))
    while waiting:
        row = waiting.pop()
        beside = _beside(row, waiting[-1]) if waiting else None
        if beside is not None:
            waiting.pop()
        found.append(row if beside is None else beside)
    return found


def _beside(row: _Row, after: _Row) -> _Row | None:
    """Both rows as one, where each text has the two words or the one that they make; None where it isn't so."""
    joined: list[_WrittenWord] = []
    whole: set[str] = set()
    parted: set[str] = set()
    for one, other in zip(row, after, strict=True):
        if one is not None and other is not None:
            parted.add(one.said + other.said)
            joined.append(
                _WrittenWord(*(f"{a} {b}" for a, b in zip(astuple(one), astuple(other), strict=True)))
            )
        elif (only := one or other) is not None:
            whole.add(only.said)
            joined.append(only)
    return tuple(joined) if len(joined) == len(row) and whole and whole == parted else None


_SWAP = 4 / 3  # a word for one without a letter in common, against 1 for one left out: NIST sclite's 4 to 3
_SKIP_MAYBE = 0.1  # leaving out a word that another text leaves out too


def _unlike(row: Sequence[_WrittenWord | None], word: _WrittenWord) -> float:
    """0 for the same word, up to 1 for one without a letter in common: similar words stand in one column."""
    return min(
        float(Levenshtein.normalized_distance(other.key, word.key)) for other in row if other is not None
    )


# Dawid and Skene's second half, to reckon anew from each clip how often its authors are right, was tried and left out:
# of three texts of nine words it made the vote worse and surer of itself (docs/benchmarks.md).
_NEVER_SURE = 0.98
_SAME_SLIP = 0.2
"""How likely one who errs writes the very word that another who errs wrote."""


def _priors(row: _Row, language: LanguageFit | None) -> Mapping[str | None, float]:
    """How many times likelier than the least likely one the language makes each reading; none where it can't tell."""
    if language is None:
        return {}
    said = {word.key: word.said for word in row if word is not None and word.said}
    if None in row:
        return dict.fromkeys(said, language.spoken / (1 - language.spoken))
    if len(said) < 2 or not all(alike(*pair) for pair in combinations(said.values(), 2)):
        return {}
    return dict(zip(said, language.odds(tuple(said.values())), strict=True))


def _likely(row: _Row, right: Sequence[float], priors: Mapping[str | None, float]) -> dict[str | None, float]:
    """The chance of each reading of a column to be what was said; what is missing to 1 is that all are wrong."""
    readings = dict.fromkeys(_key(word) for word in row)
    chances: dict[str | None, float] = {}
    for reading in readings:
        chances[reading] = priors.get(reading, 1.0) * prod(
            sure if _key(word) == reading else (1 - sure) * _SAME_SLIP
            for word, sure in zip(row, right, strict=True)
        )
    # Another word than any: there are 1 / _SAME_SLIP such that would tempt people to these.
    neither = prod((1 - sure) * _SAME_SLIP for sure in right) / _SAME_SLIP
    total = sum(chances.values()) + neither
    return {reading: chance / total for reading, chance in chances.items()}


def _decide(
    row: _Row, right: Sequence[float], trust: Sequence[float], closest: int, language: LanguageFit | None
) -> Column:
    chances = _likely(row, right, _priors(row, language))
    preferred = _key(row[closest])
    winner = max(chances, key=lambda key: (round(chances[key], 9), key == preferred))
    written = _as_written(row, trust, closest, winner)
    words = tuple(word.written if word else None for word in row)
    return Column(words, len(chances) == 1, written, chances[winner])


def _key(word: _WrittenWord | None) -> str | None:
    return word.key if word else None


def _as_written(row: _Row, trust: Sequence[float], closest: int, winner: str | None) -> str | None:
    if winner is None:
        return None
    authors = [index for index, word in enumerate(row) if word is not None and word.key == winner]
    best = max(authors, key=lambda index: (trust[index], index == closest, -index))
    word = row[best]
    return word.written if word else None


def _whole_spans(text: str, guideline: Guideline) -> str:
    """`text` without the halves of tags whose other half the vote left out."""
    parts = list(pieces(text))
    closed = spans(parts)

    def whole(index: int, part: Piece) -> bool:
        tag = guideline.tags.get(part.name) if part.kind == "tag" else None
        if tag is None or index in closed or index in closed.values():
            return True
        return tag.alone and not part.closing

    return " ".join("".join(part.text for index, part in enumerate(parts) if whole(index, part)).split())
