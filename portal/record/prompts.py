"""What speakers are asked: texts to read, pictures to describe, questions, from `configs/prompts/<language>.yaml`."""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

from catalog.config.configuration import Broken, ConfigurationError, Unfit, load, nearest
from catalog.config.sentence import Sentence
from catalog.config.types import LanguageCode
from portal.http import static_files

PICTURES = "prompts"
"""Their folder among the static files."""
MOST_SETS = 40
MOST_PROMPTS = 200

PromptName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)]
_EXACT = ConfigDict(strict=True, extra="forbid")


@dataclass(frozen=True, slots=True, config=_EXACT)
class Prompt:
    """One thing that a speaker is asked.

    kind:    text is read aloud as it stands; question and picture are answered in the speaker's own words
    text:    what is read, or asked of the picture; in the language of the file
    picture: a file of portal/static/prompts
    """

    name: PromptName
    kind: Literal["text", "picture", "question"]
    text: Words
    picture: str | None = None

    def __post_init__(self) -> None:
        if (self.kind == "picture") != (self.picture is not None):
            rule = Sentence("stands where `kind` is picture and nowhere else")
            mend = Sentence("Write `kind: picture`, or take the line out.")
            raise Unfit(Broken(("picture",), rule, mend, given=f"kind {self.kind}"))


@dataclass(frozen=True, slots=True, config=_EXACT)
class PromptSet:
    """Prompts about one thing. title: in the language of the file"""

    name: PromptName
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    prompts: Annotated[tuple[Prompt, ...], Field(min_length=1, max_length=MOST_PROMPTS)]

    def __post_init__(self) -> None:
        _once(("prompts",), [prompt.name for prompt in self.prompts])


@dataclass(frozen=True, slots=True, config=_EXACT)
class PromptBook:
    """All prompts of one language."""

    language: LanguageCode
    sets: Annotated[tuple[PromptSet, ...], Field(min_length=1, max_length=MOST_SETS)]

    def __post_init__(self) -> None:
        _once(("sets",), [each.name for each in self.sets])


def load_prompts(
    folder: Path, *, languages: Collection[str], pictures: Collection[str]
) -> dict[str, PromptBook]:
    """Every book of a folder by language; none where there is no folder. raises: ConfigurationError

    languages: codes in `configs/languages`; pictures: names of files that may be shown
    """
    if not folder.exists():
        return {}
    if not folder.is_dir():
        raise ConfigurationError(folder, [Broken((), "isn't a folder", "Check the path of the configs.")])
    return {
        path.stem: load_book(path, languages=languages, pictures=pictures)
        for path in sorted(folder.glob("*.yaml"))
    }


def load_book(path: Path, *, languages: Collection[str], pictures: Collection[str]) -> PromptBook:
    """One language's prompts. raises: ConfigurationError, with file, line, key and mend"""

    def check(book: PromptBook) -> Iterable[Broken]:
        given = f"'{book.language}'"
        if book.language != path.stem:
            rule, mend = Sentence("is the file's name"), Sentence("Write %(name)s.", name=path.stem)
            yield Broken(("language",), rule, mend, given=given)
        if book.language not in languages:
            rule, mend = Sentence("is a configured language"), nearest(book.language, languages)
            yield Broken(("language",), rule, mend, given=given)
        for place, each in enumerate(book.sets):
            for number, prompt in enumerate(each.prompts):
                if prompt.picture is not None and prompt.picture not in pictures:
                    key = ("sets", place, "prompts", number, "picture")
                    rule, mend = Sentence("is one of the pictures"), nearest(prompt.picture, pictures)
                    yield Broken(key, rule, mend, given=f"'{prompt.picture}'")

    return load(path, PromptBook, check=check)


def pictures_here() -> Mapping[str, str]:
    """Addresses of the pictures that may be shown, by name."""
    return {
        path.removeprefix(f"{PICTURES}/"): static_files.address(path)
        for path in static_files.files()
        if path.startswith(f"{PICTURES}/")
    }


def prompts_of(configs: Path, project: str, languages: frozenset[str]) -> Mapping[str, PromptBook]:
    """What speakers of a project are asked, by language: its own sets before those of all projects.

    Read anew where a file changed. raises: ConfigurationError
    """
    common = _read(configs / "prompts", _state(configs / "prompts"), languages)
    own = _read(own_folder(configs, project), _state(own_folder(configs, project)), languages)
    return {
        code: PromptBook(code, (*(own[code].sets if code in own else ()), *_others(common, own, code)))
        for code in sorted(common.keys() | own.keys())
    }


def own_folder(configs: Path, project: str) -> Path:
    """Where the prompts of one project lie, a file a language."""
    return configs / "prompts" / project


def _others(
    common: Mapping[str, PromptBook], own: Mapping[str, PromptBook], code: str
) -> Iterable[PromptSet]:
    """Sets of all projects but those of which a project has its own."""
    names = {each.name for each in own[code].sets} if code in own else set()
    return (each for each in (common[code].sets if code in common else ()) if each.name not in names)


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.yaml")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)


@lru_cache(maxsize=64)
def _read(
    folder: Path, state: tuple[tuple[str, int, int], ...], languages: frozenset[str]
) -> Mapping[str, PromptBook]:
    """state: of the files in it, so that a changed one is read again"""
    return load_prompts(folder, languages=languages, pictures=pictures_here())


def title_of(books: Mapping[str, PromptBook], prompt: str | None, language: str | None) -> str:
    """What a recording is about, from the `set/prompt` that came with it; empty where nobody said."""
    name = (prompt or "").partition("/")[0]
    book = books.get(language or "")
    return next((each.title for each in book.sets if each.name == name), name) if book else name


def _once(key: tuple[str, ...], names: list[str]) -> None:
    twice = [place for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise Unfit(
            *(
                Broken((*key, place, "name"), Sentence("is a name of its own"), "", given=f"'{names[place]}'")
                for place in twice
            )
        )
