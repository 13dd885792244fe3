"""What each language's writing consists of, read from `configs/languages/<code>.yaml`.

A language lead edits these files, so characters stand in them as themselves: apart by spaces, a combining mark on
a dotted circle (`◌ి`), a run of neighbours as `क-ह`.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

from catalog.config.configuration import Broken, ConfigurationError, Unfit, load

CODE = r"^[a-z]{2,3}(-[A-Z]{2})?$"
DOTTED_CIRCLE = "\u25cc"
ZWNJ = "\u200c"
ZWJ = "\u200d"

_Code = Annotated[str, StringConstraints(pattern=CODE)]
_Text = Annotated[str, StringConstraints(min_length=1)]
_EXACT = ConfigDict(strict=True, extra="forbid")

Script = Literal[
    "Arab", "Beng", "Deva", "Gujr", "Guru", "Knda", "Latn", "Mlym", "Mtei", "Olck", "Orya", "Taml", "Telu"
]


@dataclass(frozen=True, slots=True, config=_EXACT)
class Alphabet:
    """The characters of a language, in Unicode's composed form (NFC).

    letters: stand alone
    marks:   combine with the letter before
    rare:    belong to the language, but are more often a slip than meant; the checker remarks on them
    """

    letters: str
    marks: str = ""
    rare: str = ""

    def __post_init__(self) -> None:
        faults: list[Broken] = []
        for name, text in (("letters", self.letters), ("marks", self.marks), ("rare", self.rare)):
            for token in text.split():
                faults += [Broken((name,), rule, mend) for rule, mend in _token_faults(token)]
        if not self.letters.split():
            faults.append(Broken(("letters",), "is empty", "List the letters, apart by spaces."))
        if faults:
            raise Unfit(*faults)


@dataclass(frozen=True, slots=True, config=_EXACT)
class Language:
    """How one language is written, and how we treat its texts."""

    code: _Code
    name: _Text
    """In English."""
    own_name: _Text
    """In itself, for the people who speak it."""
    bcp47: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
    scripts: tuple[Script, ...]
    """ISO 15924; the first one is the language's main script."""
    alphabet: Alphabet
    glottocode: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{4}[0-9]{4}$")] | None = None
    """The language in Glottolog, where it is known."""
    direction: Literal["ltr", "rtl"] = "ltr"
    digits: str = ""
    """Its own ten digits from zero to nine; nothing where it writes 0 to 9."""
    digit_form: Literal["ascii", "native"] = "ascii"
    """Which digits a text gets where digits are written at all."""
    numerals: Literal["words", "digits"] = "words"
    english_words: Literal["native", "latin"] = "native"
    """The script for English words said in passing."""
    punctuation: str = ". , ? ! -"
    sentence_end: str = "."
    joiners: Literal["virama", "letters", "none"] = "none"
    """Where ZWJ and ZWNJ carry meaning: beside a virama, between letters, nowhere."""
    look_alikes: Mapping[str, str] = field(default_factory=dict)
    """Typed to meant: other encodings of what the reader sees. Mended in the normalised text."""
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Typed to what may be meant, two or more letters: the writer is asked which."""
    compare_as: Mapping[str, str] = field(default_factory=dict)
    """Spellings that count as the same in metrics, though both may stand in a text."""
    optional_marks: str = ""
    """Marks that writers may leave out, as vowel points in Urdu: not counted in metrics."""
    tags: str = "default"
    """The tag set of `configs/tags.yaml`."""
    espeak_voice: str | None = None
    nearest_voice: str | None = None
    """A voice of another language that reads the same script, where there is no own one."""

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise Unfit(*faults)

    def _faults(self) -> Iterable[Broken]:
        if not self.scripts:
            yield Broken(("scripts",), "names at least one script", "Write [Telu].")
        if self.digits and (
            len(self.digits) != 10 or [unicodedata.decimal(d, -1) for d in self.digits] != [*range(10)]
        ):
            rule = f"lists ten digits from zero to nine, given {self.digits!r}"
            yield Broken(("digits",), rule, "Write them without spaces, zero first.")
        if self.digit_form == "native" and not self.digits:
            yield Broken(
                ("digit_form",), "is ascii where no `digits` are listed", "List them, or write ascii."
            )
        if self.sentence_end not in self.punctuation.split():
            rule = f"is one of the punctuation marks, given {self.sentence_end!r}"
            yield Broken(("sentence_end",), rule, "Add it to `punctuation`.")
        for mark in self.punctuation.split():
            if len(mark) != 1 or unicodedata.category(mark)[0] not in "PS":
                rule = f"lists single marks apart by spaces, given {mark!r}"
                yield Broken(("punctuation",), rule, "Letters belong in `alphabet`.")
        if extra := frozenset(_expand(self.optional_marks)) - frozenset(_expand(self.alphabet.marks)):
            rule = f"are among alphabet.marks, given {' '.join(sorted(extra))}"
            yield Broken(("optional_marks",), rule, "Add them there.")
        for typed, choices in self.ambiguous.items():
            if len(typed) != 1 or typed in characters(self.alphabet) or typed in self.look_alikes:
                rule = "is one character that is neither in the alphabet nor a look-alike"
                yield Broken(("ambiguous", typed), rule, "What is certain belongs in `look_alikes`.")
            if len(choices) < 2 or not characters(self.alphabet).issuperset("".join(choices)):
                rule = f"names two or more letters of the alphabet, given {', '.join(choices)}"
                yield Broken(("ambiguous", typed), rule, "Write [ہ, ھ].")
        for name, pairs in (("look_alikes", self.look_alikes), ("compare_as", self.compare_as)):
            for typed, meant in pairs.items():
                if not typed or unicodedata.normalize("NFC", typed) != typed:
                    yield Broken(
                        (name, typed), "is in composed form (NFC)", "Type it composed; others are made so."
                    )
                if typed and typed in meant:
                    yield Broken(
                        (name, typed), f"doesn't hold itself, given {meant!r}", "It would grow for ever."
                    )

    def __hash__(self) -> int:
        return hash(self.code)


@lru_cache(maxsize=256)
def letters(alphabet: Alphabet) -> frozenset[str]:
    return frozenset(_expand(alphabet.letters))


@lru_cache(maxsize=256)
def marks(alphabet: Alphabet) -> frozenset[str]:
    return frozenset(_expand(alphabet.marks))


@lru_cache(maxsize=256)
def rare(alphabet: Alphabet) -> frozenset[str]:
    return frozenset(_expand(alphabet.rare))


@lru_cache(maxsize=256)
def characters(alphabet: Alphabet) -> frozenset[str]:
    """Every code point that a word of the language may hold, digits and joiners aside."""
    return letters(alphabet) | marks(alphabet) | rare(alphabet)


@lru_cache(maxsize=256)
def optional_marks(language: Language) -> frozenset[str]:
    return frozenset(_expand(language.optional_marks))


def load_language(path: Path) -> Language:
    """raises: ConfigurationError"""

    def check(language: Language) -> Iterable[Broken]:
        if language.code != path.stem:
            yield Broken(("code",), f"is the file's name, given '{language.code}'", f"Write {path.stem}.")

    return load(path, Language, check=check)


def load_languages(folder: Path) -> dict[str, Language]:
    """Every language of `configs/languages`, by code. raises: ConfigurationError"""
    if not folder.is_dir():
        raise ConfigurationError(folder, [Broken((), "isn't a folder", "Check the path of the configs.")])
    return {path.stem: load_language(path) for path in sorted(folder.glob("*.yaml"))}


def _expand(text: str) -> Iterable[str]:
    for token in text.split():
        if len(token) == 3 and token[1] == "-":
            yield from (chr(point) for point in range(ord(token[0]), ord(token[2]) + 1))
        else:
            yield from unicodedata.normalize("NFC", token.replace(DOTTED_CIRCLE, ""))


def _token_faults(token: str) -> Iterable[tuple[str, str]]:
    if len(token) == 3 and token[1] == "-":
        if token[0] > token[2]:
            yield f"has a run that starts after its end: {token}", "Swap the two."
            return
    elif len(token.replace(DOTTED_CIRCLE, "")) > 4:
        yield f"holds more than one letter in {token!r}", "Put spaces between the letters."
    for character in _expand(token):
        if unicodedata.category(character) in ("Cn", "Co", "Cs", "Cc", "Cf", "Nd"):
            mend = "Digits belong in `digits`, joiners in `joiners`; a run must not cross unassigned code points."
            yield f"holds U+{ord(character):04X} in {token!r}, which is no letter or mark", mend
