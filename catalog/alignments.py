"""Which alignment of a text holds where there are several: a person's before an aligner's, then the newest."""

from typing import Any

from sqlalchemy import UnaryExpression
from sqlalchemy.orm.util import AliasedClass

from catalog.tables import Alignment

LOW_SCORE = 0.5
"""A mean word score below this is for a person to look at: 93 % of wrong texts lie below it, and 12 % of right ones."""
PERSON = "person"
"""What an alignment states as its aligner where somebody put the words where they are by ear."""


def holds_first(
    alignment: type[Alignment] | AliasedClass[Alignment] = Alignment,
) -> tuple[UnaryExpression[Any], ...]:
    """The SQL order in which the alignment that holds comes first, among those of one text."""
    return ((alignment.aligner == PERSON).desc(), alignment.at.desc(), alignment.aligner.desc())


def holds_last() -> tuple[UnaryExpression[Any], ...]:
    """The same from its end, for a reading in which the last of a text stands."""
    return ((Alignment.aligner == PERSON).asc(), Alignment.at.asc(), Alignment.aligner.asc())
