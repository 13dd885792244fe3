"""Accepted texts of a language to learn from: the newest, by an index, however many there are."""

from collections.abc import Iterator
from typing import Any, TypeVar

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from catalog.consent import taken_back
from catalog.distinct import distinct_values
from catalog.tables import Clip, Transcript

Columns = TypeVar("Columns", bound=tuple[Any, ...])


def newest_accepted(
    session: Session, wanted: Select[Columns], *, project: str, language: str, most: int
) -> Iterator[Columns]:
    """The newest texts of each version of the language's guideline, so many of each, but for voices taken back.

    wanted: columns of Transcript
    Whether a text may be learnt from is asked of one after the other: an EXISTS, PostgreSQL answers for all first.
    """
    clip = aliased(Clip)
    ours = (
        select(and_(clip.project_id == project, clip.language == language, ~taken_back(clip.recording_id)))
        .where(clip.id == Transcript.clip_id)
        .scalar_subquery()
    )
    for version in session.scalars(distinct_values(Transcript.guideline)).all():
        if version.startswith(f"{language}/"):
            newest = wanted.where(Transcript.guideline == version, ours)
            yield from session.execute(newest.order_by(Transcript.accepted_at.desc()).limit(most)).tuples()
