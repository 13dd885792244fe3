"""Which aligner each language of a project uses: the reference, or the model that its own clips taught."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from audio.recognise.file import Use
from catalog.alignments import PERSON
from catalog.tables import AlignerModel, AlignerVoice, Alignment, Clip, Speaker

REFERENCE = "dtw-espeak@1"
"""Comparison with espeak-ng's reading: `audio.align.align`."""
BROUGHT = "ctc@1"
"""A CTC model that the project brings: `audio.recognise`."""
CORPUS = "corpus@1"
"""Models learnt from the language's clips: `audio.align.corpus`."""
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class LanguageAligner:
    """The aligner of a language, where it is not the reference alone.

    name:   as alignments state it
    key, sha256: of the models that its own clips taught; None where there are none, or they aren't used
    brought: the recogniser that times its words or checks them; None where the project has none do so
    """

    language: str
    name: str
    key: str | None
    sha256: str | None
    brought: "Brought | None" = None


@dataclass(frozen=True, slots=True)
class Brought:
    """A recogniser in the alignment of a language. name: of the model, by what its files hold"""

    name: str
    use: Use


def aligners_of(session: Session, project_id: str) -> Mapping[str, LanguageAligner]:
    """By language, the newest model that was chosen and still stands; languages without one use the reference.

    One that learnt from a voice which was taken back since is used no more, also where a legal hold keeps its bytes.
    """
    taken_back = exists().where(
        AlignerVoice.model_id == AlignerModel.id,
        Speaker.id == AlignerVoice.speaker_id,
        Speaker.consent_round > AlignerVoice.consent_round,
    )
    models = session.scalars(
        select(AlignerModel)
        .where(
            AlignerModel.project_id == project_id,
            AlignerModel.reason.is_(None),
            AlignerModel.stored_at.is_not(None),
            AlignerModel.erased_at.is_(None),
            ~taken_back,
        )
        .order_by(AlignerModel.learnt_at, AlignerModel.id)
    )
    return {
        model.language: LanguageAligner(
            model.language, f"{CORPUS}:{model.sha256[:_DIGITS]}", model.key, model.sha256
        )
        for model in models
        if model.key is not None and model.sha256 is not None
    }


def with_recognisers(
    aligners: Mapping[str, LanguageAligner], brought: Mapping[str, Brought]
) -> Mapping[str, LanguageAligner]:
    """The aligners of languages, with the recognisers that time words there, or check what the others have timed.

    >>> {code: each.name for code, each in with_recognisers({}, {"te": Brought("onnx:0a", "check")}).items()}
    {'te': 'dtw-espeak@1+onnx:0a'}
    """
    found = dict(aligners)
    for language, each in brought.items():
        if each.use == "align":
            found[language] = LanguageAligner(language, f"{BROUGHT}:{each.name}", None, None, each)
        else:
            own = aligners.get(language) or LanguageAligner(language, REFERENCE, None, None)
            found[language] = replace(own, name=f"{own.name}+{each.name}", brought=each)
    return found


def newest_model(session: Session, project_id: str, language: str) -> AlignerModel | None:
    """The last that was learnt of a language, chosen or not."""
    return session.scalars(
        select(AlignerModel)
        .where(AlignerModel.project_id == project_id, AlignerModel.language == language)
        .order_by(AlignerModel.learnt_at.desc(), AlignerModel.id)
        .limit(1)
    ).first()


def is_aligned_by(aligners: Mapping[str, LanguageAligner]) -> ColumnElement[bool]:
    """The SQL condition that an alignment of a clip is by the aligner that its language uses, or by a person.

    Where a model was erased, what it had aligned stands: only texts without times go back to the reference.
    """
    by_reference = or_(
        Alignment.aligner.startswith(f"{REFERENCE} "), Alignment.aligner.startswith(f"{CORPUS}:")
    )
    by_models = [
        and_(Clip.language == language, Alignment.aligner.startswith(f"{aligner.name} "))
        for language, aligner in sorted(aligners.items())
    ]
    by_person = Alignment.aligner == PERSON
    return or_(by_person, and_(Clip.language.not_in(sorted(aligners)), by_reference), *by_models)


@dataclass(frozen=True, slots=True)
class AlignerInUse:
    """A language with its aligner, for people. reason: why no model is used; None where one is"""

    language: str
    aligner: str
    reason: str | None
    clips: int
    seconds: float
    figures: Mapping[str, object]


def aligners_in_use(session: Session, project_id: str, languages: list[str]) -> list[AlignerInUse]:
    """Of each language of a project, in order."""
    chosen = aligners_of(session, project_id)
    rows = []
    for language in sorted(languages):
        newest = newest_model(session, project_id, language)
        aligner = chosen[language].name if language in chosen else REFERENCE
        if newest is None:
            rows.append(AlignerInUse(language, aligner, "not_learnt", 0, 0.0, {}))
            continue
        reason = "erased" if newest.erased_at is not None else newest.reason
        rows.append(AlignerInUse(language, aligner, reason, newest.clips, newest.seconds, newest.figures))
    return rows
