"""Aligner models that learnt from a withdrawn voice: destroyed; the next training makes them again without it."""

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from catalog.erasure.objects import Subject, erase_versions, note_erased, versions_of
from catalog.erasure.request import ErasureRequest
from catalog.tables import AlignerModel, AlignerVoice


def erase_aligners(request: ErasureRequest) -> int:
    """How many versions of objects were destroyed. Until a new model is learnt the reference aligner is in use."""
    objects = 0
    with request.catalog.reading() as session:
        due = due_aligners(session, request.speaker_id, request.round)
        found = [(model.id, model.key, model.sha256) for model in due]
    for model_id, key, sha256 in found:
        subject = Subject("aligner", model_id, sha256)
        versions = [(subject, each) for each in versions_of(request.store, key)] if key else []
        objects += erase_versions(request.catalog, request.store, request.erasure_id, versions)
        with request.catalog.writing() as session:
            session.get_one(AlignerModel, model_id).erased_at = request.at
            note_erased(session, request.erasure_id, model_id, at=request.at)
    return objects


def due_aligners(session: Session, speaker_id: str, consent_round: int) -> list[AlignerModel]:
    """Models, still kept, that learnt from what the voice gave before this round."""
    learnt: ColumnElement[bool] = exists().where(
        AlignerVoice.model_id == AlignerModel.id,
        AlignerVoice.speaker_id == speaker_id,
        AlignerVoice.consent_round < consent_round,
    )
    return list(
        session.scalars(
            select(AlignerModel)
            .where(learnt, AlignerModel.key.is_not(None), AlignerModel.erased_at.is_(None))
            .order_by(AlignerModel.id)
        )
    )
