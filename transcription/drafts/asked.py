"""Corrections that were asked for: whose text a clip is written from, and which say nothing of a model's error."""

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.states import ChosenBy
from catalog.tables import Correction

Column = InstrumentedAttribute[str]


def asked_model(session: Session, clip_id: str) -> str | None:
    """Whose text a clip is to be written from, by the newest correction that was asked for; None where none was."""
    return session.scalar(_ASKED_LAST, {"clip": clip_id})


_ASKED_LAST = (
    select(Correction.model)
    .where(Correction.clip_id == bindparam("clip"))
    .order_by(Correction.at.desc(), Correction.id)
    .limit(1)
)


def chosen_for_doubt(clip_id: Column, model: Column) -> ColumnElement[bool]:
    """The SQL condition that a clip was chosen because a model was unsure of it, and not by chance too.

    Such clips say nothing of a model's error: it errs more there.
    """
    of_clip = (Correction.clip_id == clip_id, Correction.model == model)
    doubted = exists().where(*of_clip, Correction.chosen_by == ChosenBy.LEAST_SURE)
    return doubted & ~exists().where(*of_clip, Correction.chosen_by == ChosenBy.CHANCE)
