"""Pairs: what a model heard in a clip, and what people of the place made of it, word by word.

Every model that has heard a published clip gives a pair, whether somebody began with its text, wrote unseen, or had
written the clip long before. Words are compared by the permitted spellings of their language and project.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from releases.rows import ChosenFor, canonical
from transcription.rules.guideline import Guideline
from transcription.text import comparison
from transcription.text.lattice import Lattice, WordEdit, edits_of


class Hypothesis(NamedTuple):
    """What a model heard. began: whether a writer of the clip began with it; chosen_by: how it came to be corrected"""

    model: str
    text: str
    began: bool
    chosen_by: ChosenFor | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A hypothesis beside the text of its clip: what became of each word, in the comparison form of the language."""

    heard: Hypothesis
    words: tuple[WordEdit, ...]


def pairs_json(heard: Sequence[Hypothesis], lattice: Lattice, guideline: Guideline) -> str | None:
    """The pairs of a clip as its column holds them; None where no model has heard it. lattice: of its text"""
    said = [
        {
            **each._asdict(),
            "words": [
                [edit.kind, edit.heard, edit.written]
                for edit in edits_of(lattice, comparison(each.text, guideline).split())
            ],
        }
        for each in sorted(heard, key=lambda one: one.model)
    ]
    return canonical(said).decode() if said else None


def read_pairs(column: str | None) -> tuple[Pair, ...]:
    """From a row's column.

    >>> read_pairs('[{"began":true,"chosen_by":null,"model":"m","text":"a","words":[["kept","a","a"]]}]')[0].words
    (WordEdit(kind='kept', heard='a', written='a'),)
    """
    return tuple(
        Pair(
            Hypothesis(each["model"], each["text"], each["began"], each["chosen_by"]),
            tuple(WordEdit(*edit) for edit in each["words"]),
        )
        for each in json.loads(column or "[]")
    )
