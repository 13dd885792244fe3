"""What can be put right without asking, as one list that the checker shows and `tidy` applies."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import regex

from transcription.rules.guideline import Guideline
from transcription.rules.language import Language, characters
from transcription.text.canonical import canonical
from transcription.text.do_not_emit import do_not_emit
from transcription.text.pieces import Piece, pieces, spoken

_PUNCTUATION = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u2032": "'",
    "`": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2026": "...",
}
_SPACES = regex.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\p{Z}--\ ]+", regex.V1)
# Format characters that are drawn, such as the Arabic number sign, stay (UAX #44, Prepended_Concatenation_Mark).
_INVISIBLE = regex.compile(
    r"[\p{Cc}\p{Cf}\uFE00-\uFE0F\u034F--"
    r"[\t\n\v\f\r\x1c-\x1f\x85\u200c\u200d\p{Prepended_Concatenation_Mark}]]+",
    regex.V1,
)
_HALF = regex.compile(r"\p{Cs}")
# Arabic letters in the shapes of old fonts, and full-width Latin: one letter each to a reader
_COMPATIBLE = regex.compile(r"[\uFB50-\uFDCF\uFDF0-\uFDFF\uFE70-\uFEFC\uFF01-\uFF5E]")
_DIGIT = regex.compile(r"\p{Nd}")
_CLUSTER = regex.compile(r"\P{M}?\p{M}+|.", regex.DOTALL)
_MANY_SPACES = regex.compile(r"^ +| +$| {2,}")
_BEFORE_MARK = regex.compile(r"(?<=\S) +(?=[.,?!;:।॥۔،؟؛᱾꯫]+(?: |$))")
_JOINERS = {
    # ZWNJ and ZWJ after a virama, or ZWJ between a letter and a virama (Bengali র‍্য, Kannada ರ‍್)
    "virama": regex.compile(
        r"(?:(?<!\p{ccc=9})[\u200c\u200d](?!\p{ccc=9})|(?<![\p{L}\p{M}])[\u200c\u200d]|(?<=[\u200c\u200d])[\u200c\u200d])"
    ),
    "letters": regex.compile(r"(?:(?<![\p{L}\p{M}])[\u200c\u200d]|[\u200c\u200d](?!\p{L}))"),
    "none": regex.compile(r"[\u200c\u200d]"),
}


@dataclass(frozen=True, slots=True)
class Mend:
    """One certain correction. scope: words leaves tags and the signs of alternatives alone"""

    code: str
    message: str
    pattern: "regex.Pattern[str]"
    replacement: Callable[["regex.Match[str]"], str]
    scope: Literal["all", "words", "tags"] = "words"

    def places(self, text: str) -> Iterator[tuple[int, str, str]]:
        """Where it would change `text`: start, what stands there, what should."""
        for piece in self._pieces(text):
            for match in self.pattern.finditer(piece.text):
                mended = self.replacement(match)
                if mended != match.group():
                    yield piece.start + match.start(), match.group(), mended

    def apply(self, text: str) -> str:
        mended: list[str] = []
        end = 0
        for start, before, after in self.places(text):
            mended += [text[end:start], after]
            end = start + len(before)
        return "".join([*mended, text[end:]])

    def _pieces(self, text: str) -> Iterator[Piece]:
        if self.scope == "all":
            return iter([Piece("plain", 0, text)])
        if self.scope == "words":
            return spoken(text)
        return (piece for piece in pieces(text) if piece.kind == "tag")


_ANY_LANGUAGE = (
    Mend(
        "half_character", "Half a character: delete it and type it again.", _HALF, lambda _: "\ufffd", "all"
    ),
    Mend("space", "An unusual space: the plain one is meant.", _SPACES, lambda _: " ", "all"),
    Mend("invisible", "An invisible character: delete it.", _INVISIBLE, lambda _: "", "all"),
    Mend(
        "old_shape",
        "A letter from an old font: the plain one is meant.",
        _COMPATIBLE,
        # a mark alone is decomposed onto a space, which would break the word
        lambda match: unicodedata.normalize("NFKC", match.group()).lstrip(" "),
    ),
    Mend(
        "encoding",
        "Looks right but is stored in an unusual order: it is put in the usual one.",
        _CLUSTER,
        lambda match: canonical(match.group()),
        "all",
    ),
)


@lru_cache(maxsize=128)
def mends(guideline: Guideline) -> tuple[Mend, ...]:
    """Every certain correction of a language, in the order in which they are applied."""
    return (
        *_ANY_LANGUAGE,
        *_of_language(guideline.language),
        Mend(
            "tag_spelling",
            "A tag is written small, without spaces.",
            regex.compile(r".+", regex.DOTALL),
            _tag,
            "tags",
        ),
        Mend("spacing", "One space between words, none at the ends.", _MANY_SPACES, _spacing, "all"),
        Mend("spacing", "No space before this mark.", _BEFORE_MARK, lambda _: "", "all"),
    )


@lru_cache(maxsize=128)
def look_alikes(language: Language) -> dict[str, str]:
    """Typed to meant: the language's own, and those of Unicode's tables whose letters the language has."""
    own = characters(language.alphabet)
    return {typed: meant for typed, meant in do_not_emit().items() if own.issuperset(meant)} | dict(
        language.look_alikes
    )


def _of_language(language: Language) -> tuple[Mend, ...]:
    return (
        *_from_table("punctuation", "This mark has a plain form.", _plain_punctuation(language)),
        *_from_table(
            "look_alike",
            f"Looks like {language.name} but is another character: the {language.name} one is meant.",
            look_alikes(language),
        ),
        Mend(
            "joiner",
            f"A joiner without meaning here in {language.name}: delete it.",
            _JOINERS[language.joiners],
            lambda _: "",
        ),
        Mend(
            "digit_form",
            "Digits are written in one form.",
            _DIGIT,
            lambda match: _digit(match.group(), language),
        ),
    )


def _from_table(code: str, message: str, table: dict[str, str]) -> Iterator[Mend]:
    if table:
        longest_first = sorted(table, key=len, reverse=True)
        pattern = regex.compile("|".join(regex.escape(typed) for typed in longest_first))
        yield Mend(code, message, pattern, lambda match: table[match.group()])


def _plain_punctuation(language: Language) -> dict[str, str]:
    own = set(language.punctuation) | set("".join(language.look_alikes))
    return {typed: plain for typed, plain in _PUNCTUATION.items() if typed not in own}


def _digit(digit: str, language: Language) -> str:
    value = unicodedata.decimal(digit, None)
    if value is None:  # a digit younger than Python's tables
        return digit
    return language.digits[value] if language.digit_form == "native" else str(value)


def _tag(match: "regex.Match[str]") -> str:
    tag = Piece("tag", 0, match.group())
    return f"<{'/' if tag.closing else ''}{tag.name}>"


def _spacing(match: "regex.Match[str]") -> str:
    start, end = match.span()
    return " " if start and end < len(match.string) else ""
