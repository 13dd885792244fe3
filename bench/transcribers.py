"""People who write clips down as people do: with slips, in a dialect, without care, or without listening.

Slips are made on real sentences: short for long vowels, aspirated for plain, retroflex for dental letters, words left
out, joined, or misheard for others. Half of the time a slip is the one that the word tempts everybody to, so that two
people can be wrong alike; and some words are harder than others, for everybody.
"""

import csv
import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["good", "careless", "dialect", "spammer", "copier"]

# By place in the block, which is the same in all scripts that come from Brahmi (Unicode 16, chapter 12).
_ALIKE_INDIC = (
    (0x3F, 0x40), (0x41, 0x42), (0x46, 0x47), (0x4A, 0x4B), (0x15, 0x16), (0x17, 0x18), (0x1A, 0x1B),
    (0x1F, 0x20), (0x21, 0x22), (0x24, 0x25), (0x26, 0x27), (0x2A, 0x2B), (0x2C, 0x2D), (0x24, 0x1F),
    (0x26, 0x21), (0x28, 0x23), (0x32, 0x33), (0x36, 0x38), (0x37, 0x36), (0x06, 0x05), (0x08, 0x07),
)  # fmt: skip
_ALIKE_LATIN = ("lr", "kg", "bp", "dt", "uw", "mn", "sz", "ei", "ou", "vf")
_BLOCKS = (0x0900, 0x0C00, 0x0C80, 0x0D00)
TEMPTING = 0.5
"""How often a slip is the one that everybody is tempted to."""
WORDS_A_CLIP = 6


def _alike() -> dict[str, tuple[str, ...]]:
    pairs = [(chr(block + a), chr(block + b)) for block in _BLOCKS for a, b in _ALIKE_INDIC]
    pairs += [(pair[0], pair[1]) for pair in _ALIKE_LATIN]
    alike: dict[str, list[str]] = {}
    for one, other in pairs:
        alike.setdefault(one, []).append(other)
        alike.setdefault(other, []).append(one)
    return {letter: tuple(others) for letter, others in alike.items()}


ALIKE = _alike()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is truly said in a clip, and how hard each word is to catch: 1 is usual."""

    language: str
    words: tuple[str, ...]
    hardness: tuple[float, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def seconds(self) -> float:
        return max(1.5, len(self.text) / 9)


@dataclass(frozen=True, slots=True)
class Writer:
    """A simulated transcriber. rate: words wrong, of usual ones, as a share"""

    name: str
    kind: Kind
    rate: float


def read_sentences(folder: Path, languages: Sequence[str]) -> dict[str, list[str]]:
    """Real sentences by language, each once, from the lists of transcribed recordings."""
    found: dict[str, list[str]] = {language: [] for language in languages}
    for path in sorted(folder.glob("*/transcripts.tsv")):
        if path.parent.name.endswith("_rejected"):
            continue
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                words = [word.strip(".,?!।\"'") for word in row["text"].split()]
                if row["language"] in found and any(words):
                    found[row["language"]].append(" ".join(word for word in words if word))
    return {language: list(dict.fromkeys(said)) for language, said in found.items()}


def speak(sentences: Mapping[str, Sequence[str]], clips: int, dice: random.Random) -> list[Spoken]:
    """So many different clips, each of one sentence or more till it has some words; languages as they come."""
    if not all(sentences.values()):
        raise ValueError(f"there are sentences to speak in each language, given: {dict(sentences)}")
    found: list[Spoken] = []
    seen: set[str] = set()
    while len(found) < clips:
        for language, known in sorted(sentences.items()):
            order = dice.sample(list(known), len(known))
            words: list[str] = []
            for sentence in order:
                words += sentence.split()
                if len(words) >= WORDS_A_CLIP:
                    if " ".join(words) not in seen:
                        seen.add(" ".join(words))
                        hardness = tuple(dice.gammavariate(2.0, 0.5) for _ in words)
                        found.append(Spoken(language, tuple(words), hardness))
                    words = []
    return dice.sample(found, clips)


def write_down(writer: Writer, clip: Spoken, others: Sequence[str], dice: random.Random) -> str:
    """What this writer hands in for a clip. others: sentences of the language, to mishear or paste"""
    if writer.kind == "spammer":
        return dice.choice(others)
    if writer.kind == "copier":
        return others[int(_draw(writer.name) * len(others))]
    words: list[str] = []
    skip = False
    for index, (word, hardness) in enumerate(zip(clip.words, clip.hardness, strict=True)):
        if skip:
            skip = False
            continue
        said = _in_dialect(word) if writer.kind == "dialect" else word
        if dice.random() >= min(0.95, writer.rate * hardness):
            words.append(said)
            continue
        kind = dice.random()
        if kind < 0.12:
            continue
        if kind < 0.18 and index + 1 < len(clip.words):
            words.append(said + clip.words[index + 1])
            skip = True
        elif kind < 0.28:
            words.append(dice.choice(dice.choice(others).split()))
        else:
            words.append(slip(said, dice))
    return " ".join(words) or clip.words[0]


def slip(word: str, dice: random.Random) -> str:
    """The word with a letter that sounds like the right one; where there is none, without one letter."""
    ways = [(at, other) for at, letter in enumerate(word) for other in ALIKE.get(letter, ())]
    if not ways:
        at = int(_draw(word) * len(word)) if dice.random() < TEMPTING else dice.randrange(len(word))
        return word[:at] + word[at + 1 :] if len(word) > 1 else word + word
    at, other = ways[int(_draw(word) * len(ways))] if dice.random() < TEMPTING else dice.choice(ways)
    return word[:at] + other + word[at + 1 :]


def own_form(forms: Sequence[str], key: str, share: float) -> str:
    """One of the permitted spellings of a word, the first being the true text's: always the same for a key.

    share: how often it is another one
    """
    if len(forms) < 2 or _draw("spelling" + key) >= share:
        return forms[0]
    return forms[1 + int(_draw(key) * (len(forms) - 1))]


def _in_dialect(word: str) -> str:
    """One fixed habit: whoever speaks so always writes so, in about one word of six."""
    if _draw("dialect" + word) > 0.17:
        return word
    return slip(word, random.Random(word))


def _draw(key: str) -> float:
    """A number from 0 to 1 that is always the same for the same key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6]) / 2**48
