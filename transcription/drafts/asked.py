"""Corrections that were asked for: whose text a clip is written from, and which say nothing of a model's error."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.states import ChosenBy
from catalog.tables import Correction

Column = InstrumentedAttribute[str]


def asked_models(session: Session, clip_ids: Collection[str]) -> dict[str, str]:
    """By clip: whose text it is to be written from, by the newest correction that was asked for."""
    rows = session.execute(_ASKED, {"clips": list(clip_ids)}).tuples()
    return dict(rows.all())  # the newest comes last, and stays


_ASKED = (
    select(Correction.clip_id, Correction.model)
    .where(Correction.clip_id.in_(bindparam("clips", expanding=True)))
    .order_by(Correction.at, Correction.id.desc())
)


def chosen_for_doubt(clip_id: Column, model: Column) -> ColumnElement[bool]:
    """The SQL condition that a clip was chosen because a model was unsure of it, and not by chance too.

    Such clips say nothing of a model's error: it errs more there.
    """
    of_clip = (Correction.clip_id == clip_id, Correction.model == model)
    doubted = exists().where(*of_clip, Correction.chosen_by == ChosenBy.LEAST_SURE)
    return doubted & ~exists().where(*of_clip, Correction.chosen_by == ChosenBy.CHANCE)
