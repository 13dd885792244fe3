"""The rules a text is written by: one version of a language's guideline, complete and fixed.

`configs/guidelines/<language>/v1.yaml` says what the language decides; the file it inherits from says the rest, and
what neither says is as in `configs/languages`. A language without a folder is written by `default`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

from catalog.config.configuration import Broken, ConfigurationError, Unfit, load, nearest
from transcription.rules.language import Language
from transcription.rules.spelling import NO_RULES, Pair, SpellingRules, load_spelling_rules, spelling_path

_EXACT = ConfigDict(strict=True, extra="forbid")
_Text = Annotated[str, StringConstraints(min_length=1)]
TagName = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}$")]
Version = Annotated[str, StringConstraints(pattern=r"^v[1-9][0-9]*$")]


@dataclass(frozen=True, slots=True, config=_EXACT)
class Tag:
    """A mark for what isn't a word, written `<name>`; see `configs/tags.yaml` for the forms."""

    title: _Text
    means: _Text
    form: Literal["event", "span", "either"] = "event"
    words: Literal["count", "drop"] = "count"
    """Do the words inside a span count in metrics?"""
    any_script: bool = False
    """May the words inside leave the alphabet?"""

    @property
    def alone(self) -> bool:
        return self.form != "span"

    @property
    def around(self) -> bool:
        return self.form != "event"


@dataclass(frozen=True, slots=True, config=_EXACT)
class TagSets:
    sets: Mapping[str, Mapping[TagName, Tag]]


@dataclass(frozen=True, slots=True, config=_EXACT)
class Pace:
    """Characters, as a person counts them, that one second of speech can hold; outside it somebody should look."""

    at_least: Annotated[float, Field(ge=0)] = 0.6
    at_most: Annotated[float, Field(gt=0)] = 20.0

    def __post_init__(self) -> None:
        if self.at_least >= self.at_most:
            rule = f"is less than at_most ({self.at_most:g}), given {self.at_least:g}"
            raise Unfit(Broken(("at_least",), rule, "Swap the two."))


@dataclass(frozen=True, slots=True, config=_EXACT)
class Example:
    write: _Text
    because: _Text
    instead_of: str | None = None


@dataclass(frozen=True, slots=True, config=_EXACT)
class GuidelineFile:
    """One file as written; what it leaves out is inherited."""

    version: Version
    inherits: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z-]+/v[1-9][0-9]*$")] | None = None
    numerals: Literal["words", "digits"] | None = None
    english_words: Literal["native", "latin"] | None = None
    english_in_either_script: bool | None = None
    punctuation: str | None = None
    tags: tuple[TagName, ...] | None = None
    alternatives: bool | None = None
    sentence_end_required: bool | None = None
    characters_per_second: Pace | None = None
    rules: tuple[_Text, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, config=_EXACT)
class Guideline:
    """A language's rules in force, everything decided. Equal fingerprints mean equal rules."""

    id: str
    """As in `te/v1`."""
    version: Version
    language: Language
    tags: Mapping[TagName, Tag]
    numerals: Literal["words", "digits"]
    english_words: Literal["native", "latin"]
    punctuation: frozenset[str]
    alternatives: bool = True
    """May a text hold {one | other}?"""
    sentence_end_required: bool = False
    characters_per_second: Pace = Pace()
    rules: tuple[str, ...] = ()
    """For people, general ones first."""
    examples: tuple[Example, ...] = field(default=())
    english_in_either_script: bool = False
    """Does an English word count as the same in its own script and in the language's?"""
    spelling_rules: SpellingRules = NO_RULES
    learnt_spellings: frozenset[Pair] = frozenset()
    """Pairs of words of which reviewers of the project said that both are right."""
    sha256: str = ""
    """Of every file that had a say."""

    def __hash__(self) -> int:
        return hash((self.id, self.sha256))


def load_guideline(configs: Path, language: Language, version: str = "v1") -> Guideline:
    """The guideline of a language in one version, from a configs folder.

    raises: ConfigurationError
    """
    folder = configs / "guidelines" / language.code
    path = (folder if folder.is_dir() else configs / "guidelines" / "default") / f"{version}.yaml"
    return _resolved(configs, language, _lineage(configs, path))


def load_guidelines(
    configs: Path, languages: Mapping[str, Language], version: str = "v1"
) -> dict[str, Guideline]:
    """The guideline of every language, by its code. raises: ConfigurationError"""
    return {code: load_guideline(configs, language, version) for code, language in languages.items()}


def with_learnt(guideline: Guideline, pairs: Iterable[Pair]) -> Guideline:
    """The guideline with the pairs of words that a project learnt are both right."""
    learnt = frozenset(pairs)
    return replace(guideline, learnt_spellings=learnt) if learnt else guideline


def strict(guideline: Guideline) -> Guideline:
    """The guideline with one spelling for each word, as plain error rates count."""
    return replace(
        guideline, spelling_rules=NO_RULES, learnt_spellings=frozenset(), english_in_either_script=False
    )


def _lineage(configs: Path, path: Path) -> list[tuple[Path, GuidelineFile]]:
    """The file and those it inherits from, nearest first."""
    lineage: list[tuple[Path, GuidelineFile]] = []
    while True:
        guideline = load(path, GuidelineFile, check=lambda file, path=path: _named(file, path))  # type: ignore[misc]
        lineage.append((path, guideline))
        if guideline.inherits is None:
            return lineage
        parent = configs / "guidelines" / f"{guideline.inherits}.yaml"
        if parent in [known for known, _ in lineage]:
            rule = f"leads back to this file through {guideline.inherits}"
            raise ConfigurationError(path, [Broken(("inherits",), rule, "Inherit from default/v1.")])
        path = parent


def _named(file: GuidelineFile, path: Path) -> Iterable[Broken]:
    if file.version != path.stem:
        yield Broken(("version",), f"is the file's name, given '{file.version}'", f"Write {path.stem}.")


def _resolved(configs: Path, language: Language, lineage: list[tuple[Path, GuidelineFile]]) -> Guideline:
    path, own = lineage[0]
    files = [file for _, file in lineage]
    tags_path = configs / "tags.yaml"
    sets = load(tags_path, TagSets).sets
    if language.tags not in sets:
        rule = f"has no set '{language.tags}', which {language.name} asks for"
        raise ConfigurationError(tags_path, [Broken(("sets",), rule, nearest(language.tags, sets))])
    known = sets[language.tags]
    chosen = next((file.tags for file in files if file.tags is not None), tuple(known))
    if unknown := [name for name in chosen if name not in known]:
        rule = f"names tags that `{language.tags}` doesn't have: {', '.join(unknown)}"
        raise ConfigurationError(path, [Broken(("tags",), rule, nearest(unknown[0], known))])
    digest = hashlib.sha256()
    spelling = spelling_path(configs, language.code)
    sources = [*(source for source, _ in lineage), tags_path, *([spelling] if spelling.is_file() else [])]
    for source in sources:
        digest.update(source.read_bytes() + b"\0")
    return Guideline(
        id=f"{language.code}/{own.version}",
        version=own.version,
        language=language,
        tags={name: known[name] for name in chosen},
        numerals=next((file.numerals for file in files if file.numerals), language.numerals),
        english_words=next(
            (file.english_words for file in files if file.english_words), language.english_words
        ),
        punctuation=frozenset(
            next(
                (file.punctuation for file in files if file.punctuation is not None), language.punctuation
            ).split()
        ),
        alternatives=next((file.alternatives for file in files if file.alternatives is not None), True),
        sentence_end_required=next(
            (file.sentence_end_required for file in files if file.sentence_end_required is not None), False
        ),
        characters_per_second=next(
            (file.characters_per_second for file in files if file.characters_per_second), Pace()
        ),
        rules=tuple(rule for file in reversed(files) for rule in file.rules),
        examples=tuple(example for file in reversed(files) for example in file.examples),
        english_in_either_script=next(
            (each for file in files if (each := file.english_in_either_script) is not None), False
        ),
        spelling_rules=load_spelling_rules(configs, language.code),
        sha256=digest.hexdigest(),
    )
