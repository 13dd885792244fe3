"""What notices of news say, in every interface language: a subject, a line for each kind, and where to look."""

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass as configured

from catalog.config.configuration import Broken, Unfit, load
from transcription.news.notices import Counts
from transcription.news.queries import NewsKind

SOURCE_LANGUAGE = "en"
LONGEST_LINE = 120
"""Characters: all lines in any script fit into one push message."""
_EXACT = ConfigDict(strict=True, extra="forbid")
_Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LINE, pattern=r"^[^\n]*$")
]


@configured(frozen=True, slots=True, config=_EXACT)
class NoticeText:
    """One language. lines: by kind, with {count} still to be filled in; look: with {address}; subject: as it is"""

    subject: _Line
    look: _Line
    lines: Mapping[NewsKind, _Line]

    def __post_init__(self) -> None:
        if missing := [kind.value for kind in NewsKind if kind not in self.lines]:
            rule = f"has a line for every kind of news, and none for {', '.join(missing)}"
            raise Unfit(Broken(("lines",), rule, "Write it, with {count} where the number stands."))
        for key, text, field in (
            *(((("lines"), kind.value), line, "count") for kind, line in self.lines.items()),
            (("look",), self.look, "address"),
        ):
            if not _is_filled_with(text, field):
                rule = f"is filled in with {{{field}}} alone, given {text!r}"
                raise Unfit(Broken(key, rule, "Write a brace that is meant as one twice: {{."))

    def said(self, counts: Counts) -> list[str]:
        """The lines of a notice, in the order of the kinds."""
        return [self.lines[kind].format(count=counts[kind]) for kind in NewsKind if kind in counts]


@configured(frozen=True, slots=True, config=_EXACT)
class NoticeTexts:
    """The notices in every language that they are written in; whoever reads another one is written English."""

    texts: Mapping[str, NoticeText]

    def __post_init__(self) -> None:
        if SOURCE_LANGUAGE not in self.texts:
            raise Unfit(
                Broken(("texts",), "has the notices in English", "Add `en:` with subject, look and lines.")
            )

    def of(self, language: str) -> NoticeText:
        return self.texts.get(language, self.texts[SOURCE_LANGUAGE])


def load_notice_texts(path: Path) -> NoticeTexts:
    """Raises ConfigurationError."""
    return load(path, NoticeTexts)


def _is_filled_with(text: str, field: str) -> bool:
    try:
        return all(name in (None, field) for _, name, _, _ in Formatter().parse(text))
    except ValueError:
        return False
