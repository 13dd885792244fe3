"""Prompts that somebody pasted or brought in a file: each with what is wrong with it, before anything is kept."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from catalog.table_reader import UnreadableTable, read_table
from portal.http.pages import _
from portal.record.prompts import MOST_PROMPTS, Prompt, PromptSet
from transcription.rules.guideline import Guideline
from transcription.text.checker import Severity, TextFinding, check

LONGEST = 1500
TEXT_COLUMNS = {"sentence": "text", "prompt": "text", "question": "text"}
TOO_LONG = _("longer than 1,500 characters")
TOO_MANY = _("one set has 200 prompts at most")
Standing = Literal["new", "known", "wrong"]
SpokenKind = Literal["text", "question"]


class PromptId(NamedTuple):
    """A prompt by its set's name and its own."""

    set_name: str
    name: str


@dataclass(frozen=True, slots=True)
class PromptLine:
    """number: of the line, from 1; standing: what saving does with it; fault: English; remarks: to look at again"""

    number: int
    text: str
    standing: Standing
    fault: str = ""
    remarks: tuple[TextFinding, ...] = ()


def texts_of(text: str) -> list[str]:
    """What stands in a text: the column `text` of a table, or else a prompt a line.

    >>> texts_of("text,by\\n\\"One, two\\",asha\\n"), texts_of("One, two\\n\\nThree\\n")
    (['One, two'], ['One, two', 'Three'])
    """
    try:
        rows = [
            row.cells["text"] for row in read_table(text.encode(), required=["text"], aliases=TEXT_COLUMNS)
        ]
    except UnreadableTable:
        rows = text.splitlines()
    return [each for each in (" ".join(row.split()) for row in rows) if each]


def judged(
    texts: Collection[str], known: Collection[str], guideline: Guideline, *, room: int
) -> Iterator[PromptLine]:
    """Each text once more, with its standing. known: what is asked already; room: how many more the set takes"""
    seen = set(known)
    taken = 0
    for number, text in enumerate(texts, 1):
        if len(text) > LONGEST:
            yield PromptLine(number, f"{text[:80]}…", "wrong", TOO_LONG)
        elif text in seen:
            yield PromptLine(number, text, "known")
        elif taken >= room:
            yield PromptLine(number, text, "wrong", TOO_MANY)
        else:
            taken += 1
            remarks = tuple(each for each in check(text, guideline) if each.severity is not Severity.NOTE)
            yield PromptLine(number, text, "new", remarks=remarks)
        seen.add(text)


def with_added(
    own: tuple[PromptSet, ...], title: str, kind: SpokenKind, texts: Collection[str]
) -> tuple[tuple[PromptSet, ...], list[PromptId]]:
    """The project's own sets with more prompts in the one of that title, which is made where it isn't there; their ids.

    Names come from the words themselves: that of a prompt which was taken out never becomes another's.
    """
    before = next((each for each in own if each.title == title), None)
    prompts = list(before.prompts if before else ())
    name = before.name if before else _free(f"own-{digest_name(title)}", {each.name for each in own})
    added = []
    for text in texts:
        prompts.append(Prompt(_free(digest_name(text), {each.name for each in prompts}), kind, text))
        added.append(PromptId(name, prompts[-1].name))
    whole = PromptSet(name, title, tuple(prompts))
    return (*(whole if each is before else each for each in own), *(() if before else (whole,))), added


def without(own: tuple[PromptSet, ...], out: Collection[PromptId]) -> tuple[PromptSet, ...]:
    """The sets without these prompts; a set that has none left goes."""
    left = (
        (each, tuple(one for one in each.prompts if PromptId(each.name, one.name) not in out)) for each in own
    )
    return tuple(replace(each, prompts=prompts) for each, prompts in left if prompts)


def digest_name(text: str) -> str:
    """A name that follows from a text.

    >>> digest_name("One"), len(digest_name("పండుగ"))
    ('8b12507783', 10)
    """
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or its next free form where somebody's hand has used it for something else."""
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def room_in(own: tuple[PromptSet, ...], title: str) -> int:
    """How many more prompts the set of that title takes."""
    return MOST_PROMPTS - next((len(each.prompts) for each in own if each.title == title), 0)
