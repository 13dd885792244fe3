"""What a transcriber should look at again before sending, each with its place and, where certain, its mend."""

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import regex

from transcription.rules.guideline import Guideline
from transcription.rules.language import ZWJ, ZWNJ, characters, rare
from transcription.text.forms import MOST_READINGS, comparison, tidy
from transcription.text.graphemes import count, graphemes
from transcription.text.mends import look_alikes, mends
from transcription.text.pieces import Piece, pieces, spans, spoken
from transcription.text.script import letters_by_script, script_name

LONGEST = 5000  # graphemes; the longest clip that a project takes holds a tenth of it
MOST_FINDINGS = 200

_WORD = regex.compile(r"\S+")
_LATIN = regex.compile(r"[A-Za-z\u00C0-\u024F]+")
_DIGITS = regex.compile(r"\p{Nd}+")
_BRACKETS = regex.compile(r"[<>]+")
_BRACES = regex.compile(r"[{}|]+")
_LONE_MARK = regex.compile(r"(?<![\p{L}\p{M}\p{N}\u200c\u200d\u25cc])\p{M}+")
_CLASH = regex.compile(r"\p{M}{2,}")
_CLUSTER = regex.compile(r"\P{M}\p{M}+")
# A vowel sign belongs to a consonant. In Meetei Mayek it stands on the letter atiya, in Gurmukhi on its bearers.
_MISPLACED_SIGN = regex.compile(
    r"[\p{InSC=Vowel_Independent}--\p{Script=Mtei}]\p{InSC=Vowel_Dependent}+"
    r"|\p{InSC=Virama}\u200d?\p{InSC=Vowel_Dependent}+",
    regex.V1,
)
_NOTHING_SAID = regex.compile(r"[\p{P}\p{Z}\s|=+~^`--[{}<>%]]*", regex.V1)
_LEAST_OWN = 0.2  # of the letters: one word of the language among three others is a text in its script
_SAME_OFTEN = 4  # times in a row


class Severity(StrEnum):
    ERROR = "error"
    """The text can't be sent."""
    WARNING = "warning"
    """It can, but somebody should look."""
    NOTE = "note"
    """Put right by itself, or worth a glance."""


@dataclass(frozen=True, slots=True)
class TextFinding:
    """One remark on a text.

    start, length: in code points of the text that was checked (JavaScript counts UTF-16 units: convert there)
    fix:           what to put in that place, where it is certain; else None
    """

    start: int
    length: int
    code: str
    severity: Severity
    message: str
    fix: str | None = None


CODES: dict[str, str] = {
    "other_script": "a text in the letters of another script than its language is written in",
    "empty": "nothing was written",
    "too_long": "more text than any clip holds",
    "too_much_text": "more text than can be said in that time",
    "too_little_text": "less text than the sound suggests",
    "unknown_tag": "a tag outside the list",
    "tag_form": "a tag used around words, or alone, that is made for the other",
    "unclosed_tag": "a tag around words without its other half",
    "bracket": "a bracket that belongs to no tag",
    "alternatives": "alternatives that aren't written {one | other}",
    "numeral": "a digit where numbers are written as words, or the reverse",
    "english_word": "Latin letters where English words are written in the language's script",
    "mixed_word": "two scripts in one word",
    "punctuation_mark": "a mark that the guideline doesn't use",
    "character": "a character outside the alphabet",
    "rare_letter": "a letter that is seldom meant",
    "lone_mark": "a vowel sign or mark without a letter before it",
    "mark_clash": "two vowel signs on one letter",
    "repeated_mark": "one sign twice on one letter",
    "vowel_sign": "a vowel sign on a vowel letter or behind a virama, where none belongs",
    "ambiguous_letter": "a letter of another keyboard that may stand for one of two",
    "repeated_letter": "one letter many times in a row",
    "repeated_word": "one word many times in a row",
    "sentence_end": "a sentence without its end mark",
    "half_character": "half a character",
    "space": "an unusual space",
    "invisible": "an invisible character",
    "old_shape": "a letter from an old font",
    "encoding": "marks stored in an unusual order",
    "punctuation": "a typographic mark with a plain form",
    "look_alike": "a letter of another language that looks the same",
    "joiner": "a joiner without meaning",
    "digit_form": "digits of another form",
    "tag_spelling": "a tag with capitals or spaces",
    "spacing": "a space too many",
}
"""Every code that `check` gives."""


def check(text: str, guideline: Guideline, duration: float | None = None) -> tuple[TextFinding, ...]:
    """Everything about `text` that the guideline doesn't like, in order of place; never raises, whatever the text.

    duration: of the clip, in seconds; None leaves the pace unjudged
    """
    if unusable := _unusable(text, guideline):
        return (unusable,)
    findings = [*_whole(text, guideline, duration), *_tags(text, guideline), *_alternatives(text, guideline)]
    free = tuple(_any_script(text, guideline))
    findings += _other_script(text, guideline, free)
    for piece in spoken(text):
        findings += _words(piece, guideline, in_alphabet=not any(a <= piece.start < b for a, b in free))
    findings += _mendable(text, guideline)
    findings.sort(key=lambda finding: (finding.start, finding.length, finding.code))
    return tuple(findings[:MOST_FINDINGS])


def _unusable(text: str, guideline: Guideline) -> TextFinding | None:
    length = count(text)
    if length > LONGEST:
        message = f"{length} characters; a clip holds at most {LONGEST}."
        return TextFinding(0, len(text), "too_long", Severity.ERROR, message)
    if _NOTHING_SAID.fullmatch(tidy(text, guideline)):
        message = "Write what is said, or skip the clip with a reason."
        return TextFinding(0, len(text), "empty", Severity.ERROR, message)
    return None


def _whole(text: str, guideline: Guideline, duration: float | None) -> Iterator[TextFinding]:
    if duration:
        spoken_length = count(comparison(text, guideline).replace(" ", ""))
        pace, allowed = spoken_length / duration, guideline.characters_per_second
        rate = f"{spoken_length} characters in {duration:.1f} s ({pace:.1f} a second"
        if pace > allowed.at_most:
            message = f"{rate}; at most {allowed.at_most:g} can be said). Is this the text of this clip?"
            yield TextFinding(0, len(text), "too_much_text", Severity.WARNING, message)
        elif spoken_length and pace < allowed.at_least:
            message = f"{rate}; {allowed.at_least:g} is little). Was something left out?"
            yield TextFinding(0, len(text), "too_little_text", Severity.WARNING, message)
    end = guideline.language.sentence_end
    said = text.rstrip()
    if guideline.sentence_end_required and said[-1:] not in {end, "?", "!", "؟", ">"}:
        yield TextFinding(len(said), 0, "sentence_end", Severity.WARNING, f"End the sentence with {end}")


def _tags(text: str, guideline: Guideline) -> Iterator[TextFinding]:
    parts = list(pieces(text))
    closed = spans(parts)
    for index, piece in enumerate(parts):
        if piece.kind != "tag":
            continue
        tag = guideline.tags.get(piece.name)
        if tag is None:
            guess = difflib.get_close_matches(piece.name.replace(" ", ""), guideline.tags, n=1)
            mend = f"Did you mean <{guess[0]}>?" if guess else f"Use one of {', '.join(guideline.tags)}."
            yield _at(piece, "unknown_tag", Severity.ERROR, f"There is no tag <{piece.name}>. {mend}")
        elif piece.closing and not tag.around:
            message = f"<{piece.name}> stands alone: leave the second one out."
            yield _at(piece, "tag_form", Severity.ERROR, message)
        elif piece.closing and index not in closed.values():
            message = f"Nothing is open here for </{piece.name}> to close."
            yield _at(piece, "unclosed_tag", Severity.ERROR, message)
        elif not piece.closing and not tag.alone and index not in closed:
            message = f"Write </{piece.name}> after the last word it goes around."
            yield _at(piece, "unclosed_tag", Severity.ERROR, message)
    for match in _stray(text, _BRACKETS):
        yield TextFinding(
            *match, "bracket", Severity.ERROR, "< and > only stand around a tag, as in <noise>."
        )


def _alternatives(text: str, guideline: Guideline) -> Iterator[TextFinding]:
    combinations = 1
    for piece in pieces(text):
        if piece.kind != "alternatives":
            continue
        combinations *= len(piece.options)
        if not guideline.alternatives:
            yield _at(piece, "alternatives", Severity.ERROR, "This guideline takes one reading: choose.")
        elif not all(piece.options) or len(set(piece.options)) < len(piece.options):
            message = "Write two different readings, as in {one | other}."
            yield _at(piece, "alternatives", Severity.ERROR, message)
        elif combinations > MOST_READINGS:
            message = f"More than {MOST_READINGS} combinations of readings: only the first ones are compared."
            yield _at(piece, "alternatives", Severity.WARNING, message)
    for match in _stray(text, _BRACES):
        if guideline.alternatives and not _mended_away(text, match, guideline):
            yield TextFinding(
                *match, "alternatives", Severity.ERROR, "Alternatives are written {one | other}."
            )


def _mended_away(text: str, place: tuple[int, int], guideline: Guideline) -> bool:
    start, length = place
    return all(mark in guideline.language.look_alikes for mark in text[start : start + length])


def _stray(text: str, pattern: "regex.Pattern[str]") -> Iterator[tuple[int, int]]:
    for piece in pieces(text):
        if piece.kind == "plain":
            for match in pattern.finditer(piece.text):
                yield piece.start + match.start(), len(match.group())


def _any_script(text: str, guideline: Guideline) -> Iterator[tuple[int, int]]:
    """From where to where a tag lifts the alphabet."""
    parts = list(pieces(text))
    for opening, closing in spans(parts).items():
        tag = guideline.tags.get(parts[opening].name)
        if tag and tag.any_script:
            yield parts[opening].end, parts[closing].start


def _other_script(text: str, guideline: Guideline, free: Sequence[tuple[int, int]]) -> Iterator[TextFinding]:
    """The text as a whole, where hardly a letter is of a script that its language is written in."""
    said = [piece.text for piece in spoken(text) if not any(a <= piece.start < b for a, b in free)]
    language = guideline.language
    letters = letters_by_script(" ".join(said))
    own = sum(letters[script] for script in language.scripts)
    if own >= _LEAST_OWN * letters.total():
        return
    script = max(sorted(letters), key=lambda each: letters[each])
    english = script == "Latn" and guideline.english_words == "latin"
    message = (
        f"This text is in {script_name(script)} letters; {language.name} is written in "
        f"{' or '.join(map(script_name, language.scripts))}."
    )
    severity = Severity.WARNING if english else Severity.ERROR
    yield TextFinding(0, len(text), "other_script", severity, message)


def _words(piece: Piece, guideline: Guideline, *, in_alphabet: bool) -> Iterator[TextFinding]:
    previous, repeats = "", 0
    for match in _WORD.finditer(piece.text):
        word = Piece("plain", piece.start + match.start(), match.group())
        if in_alphabet:
            yield from _characters(word, guideline)
        yield from _marks(word, guideline)
        repeats = repeats + 1 if word.text == previous else 1
        previous = word.text
        if repeats == _SAME_OFTEN:
            message = f"{word.text[:40]} stands here {_SAME_OFTEN} times: is it said so often?"
            yield _at(word, "repeated_word", Severity.WARNING, message)
        yield from _stretched(word)


def _characters(word: Piece, guideline: Guideline) -> Iterator[TextFinding]:
    language = guideline.language
    own = characters(language.alphabet)
    latin_is_own = "Latn" in language.scripts
    has_own = any(character in own for character in word.text)
    taken = [False] * len(word.text)
    if not latin_is_own:
        for match in _LATIN.finditer(word.text):
            taken[match.start() : match.end()] = [True] * len(match.group())
            place = (word.start + match.start(), len(match.group()))
            if has_own:
                message = f"{match.group()[:40]}: a word is written in one script."
                yield TextFinding(*place, "mixed_word", Severity.ERROR, message)
            elif guideline.english_words == "native":
                script = script_name(language.scripts[0])
                message = f"Write {match.group()[:40]} in {script} letters, as it is pronounced."
                yield TextFinding(*place, "english_word", Severity.ERROR, message)
    for match in _DIGITS.finditer(word.text):
        taken[match.start() : match.end()] = [True] * len(match.group())
        if guideline.numerals == "words":
            message = f"Write {match.group()[:40]} in words, as it is said."
            place = (word.start + match.start(), len(match.group()))
            yield TextFinding(*place, "numeral", Severity.ERROR, message)
    for index, character in enumerate(word.text):
        if character in language.ambiguous:
            yield _which_letter(word, index, language.ambiguous[character])
        elif not taken[index]:
            yield from _character(word.start + index, character, guideline)


def _which_letter(word: Piece, index: int, choices: Sequence[str]) -> TextFinding:
    before, typed, after = word.text[:index], word.text[index], word.text[index + 1 :]
    meant = " or ".join(f"{before}{choice}{after}"[:40] for choice in choices)
    message = f"{_shown(typed)} may be {' or '.join(choices)}. Write the one that is meant: {meant}."
    return TextFinding(word.start + index, 1, "ambiguous_letter", Severity.ERROR, message)


def _character(start: int, character: str, guideline: Guideline) -> Iterator[TextFinding]:
    language = guideline.language
    if character in "<>{}|" or character in (ZWJ, ZWNJ) or character in guideline.punctuation:
        return
    if character in rare(language.alphabet):
        message = f"{_shown(character)} is seldom used in {language.name}: is it meant?"
        yield TextFinding(start, 1, "rare_letter", Severity.NOTE, message)
    elif character in characters(language.alphabet) or character in language.look_alikes:
        return
    elif unicodedata.category(character)[0] in "PS":
        marks = " ".join(sorted(guideline.punctuation))
        message = f"{_shown(character)} isn't used here. The marks of this guideline are {marks}"
        yield TextFinding(start, 1, "punctuation_mark", Severity.ERROR, message)
    elif unicodedata.category(character)[0] in "LMN":
        message = f"{_shown(character)} is not in the {language.name} alphabet."
        yield TextFinding(start, 1, "character", Severity.ERROR, message)
    elif unicodedata.category(character) not in ("Cc", "Cf", "Cs"):  # those are mended as invisible
        message = f"{_shown(character)} is no character that people can read: delete it."
        yield TextFinding(start, 1, "character", Severity.ERROR, message)


def _marks(word: Piece, guideline: Guideline) -> Iterator[TextFinding]:
    for match in _LONE_MARK.finditer(word.text):
        message = f"{_shown(match.group()[0])} has no letter to stand on: was one deleted?"
        place = (word.start + match.start(), len(match.group()))
        yield TextFinding(*place, "lone_mark", Severity.ERROR, message)
    for match in _CLASH.finditer(word.text):
        composed = unicodedata.normalize("NFC", match.group())
        vowels = [mark for mark in composed if "VOWEL SIGN" in unicodedata.name(mark, "")]
        if len(set(vowels)) > 1:
            message = f"{' and '.join(map(_shown, vowels))} on one letter: keep the one that is said."
            place = (word.start + match.start(), len(match.group()))
            yield TextFinding(*place, "mark_clash", Severity.WARNING, message)
    mended = look_alikes(guideline.language)
    for match in _CLUSTER.finditer(word.text):
        repeated = _repeated(match.group())
        if repeated and not any(typed in match.group() for typed in mended):
            message = f"{_shown(repeated)} twice on one letter: delete one, or write what is said."
            yield _within(word, match, "repeated_mark", message)
    for match in _MISPLACED_SIGN.finditer(word.text):
        if not any(typed in match.group() for typed in mended):
            message = (
                f"{_shown(match.group()[-1])} can't stand here: it belongs to a consonant. What is said?"
            )
            yield _within(word, match, "vowel_sign", message)


def _repeated(cluster: str) -> str | None:
    """The mark that stands twice in a row on a letter, whole or as a part of another: ൊ is െ and ാ."""
    forms = (unicodedata.normalize(form, cluster) for form in ("NFC", "NFD"))
    return next((one for form in forms for one, other in pairwise(form) if one == other), None)


def _within(word: Piece, match: "regex.Match[str]", code: str, message: str) -> TextFinding:
    return TextFinding(word.start + match.start(), len(match.group()), code, Severity.WARNING, message)


def _stretched(word: Piece) -> Iterator[TextFinding]:
    if len(word.text) < _SAME_OFTEN:
        return
    start, run_start, run, previous = 0, 0, 0, ""
    for cluster in graphemes(word.text):
        if cluster != previous:
            run, run_start, previous = 0, start, cluster
        run += 1
        start += len(cluster)
        if run == _SAME_OFTEN and unicodedata.category(cluster[0])[0] == "L":
            message = f"{cluster[:10]} {_SAME_OFTEN} times in a row: write the word as it is usually spelt."
            place = (word.start + run_start, start - run_start)
            yield TextFinding(*place, "repeated_letter", Severity.WARNING, message)


def _mendable(text: str, guideline: Guideline) -> Iterator[TextFinding]:
    for mend in mends(guideline):
        for start, before, after in mend.places(text):
            yield TextFinding(start, len(before), mend.code, Severity.NOTE, mend.message, after)


def _at(piece: Piece, code: str, severity: Severity, message: str) -> TextFinding:
    return TextFinding(piece.start, len(piece.text), code, severity, message)


def _shown(character: str) -> str:
    name = unicodedata.name(character, "")
    visible = f"\u25cc{character}" if unicodedata.category(character)[0] == "M" else character
    if unicodedata.category(character)[0] in "CZ":
        visible = ""
    code = f"U+{ord(character):04X}"
    return f"{visible} ({name.lower() or code})".strip()


def summary(findings: tuple[TextFinding, ...]) -> Counter[str]:
    """How often each code was given, for reports."""
    return Counter(finding.code for finding in findings)
