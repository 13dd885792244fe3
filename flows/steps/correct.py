"""What a mended list says of files that came in before: speaker and language are put right where nothing is published.

What was published never changes: a correction of it is reported with the versions that hold the recording, and
made, when it is asked for, so that the next version has it right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from catalog import audit, consent, voices
from catalog.age import OF_AGE, hold_children, is_minor_band
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import RecordingState, ReleaseState, UploadState, moved
from catalog.tables import (
    AlignerVoice,
    Clip,
    Recording,
    RecordingSpeaker,
    Release,
    ReleaseItem,
    Speaker,
    Task,
    Upload,
)
from flows.workspace import Workspace

ACTOR = "flow:ingest"
AT_A_TIME = 500
"""Speakers that one question names."""
_FACTS = ("gender", "age_band", "district", "dialect")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a list says of a file otherwise than it was taken in.

    speaker, language: as they were and as the list has them; None where they agree
    clips:    how many it concerns in versions that were published
    versions: these versions, as name@version
    made:     whether it was made; else `why` says what it waits for
    """

    file: str
    speaker: tuple[str, str] | None
    language: tuple[str, str] | None
    clips: int = 0
    versions: tuple[str, ...] = ()
    made: bool = True
    why: str | None = None

    def __str__(self) -> str:
        changes = [f"{was} → {now}" for was, now in filter(None, (self.speaker, self.language))]
        return f"{self.file}: {', '.join(changes)}" + (f" ({self.why})" if self.why else "")


def correct(
    workspace: Workspace, upload_id: str, facts: SpeakerFacts | None, language: str | None, *, published: bool
) -> Correction | None:
    """Have an upload's speaker and language as a list has them; None where they are so, or no list speaks of them.

    facts, language: what the list says; None where it says nothing
    published:       also where versions hold the recording, so that the next one differs
    """
    with workspace.catalog.reading() as session:
        upload = session.get_one(Upload, upload_id)
        if upload.sent_by is not None or not _differs(session, upload, facts, language):
            return None  # what a coordinator wrote on their phone is theirs to correct
    return workspace.catalog.write(
        partial(_correct, workspace, upload_id, facts=facts, language=language, published=published)
    )


def settle_facts(workspace: Workspace, said: Mapping[str, Sequence[SpeakerFacts]]) -> tuple[str, ...]:
    """Fill in what lists say of speakers and was not known; what they say otherwise a person settles.

    said: what each row says, by pseudonym
    """
    with workspace.catalog.reading() as session:
        known = {
            speaker.pseudonym: {fact: getattr(speaker, fact) for fact in _FACTS}
            for speaker in session.scalars(
                select(Speaker).where(Speaker.project_id == workspace.project.name)
            )
        }
    contradictions: list[str] = []
    for pseudonym, rows in said.items():
        facts: dict[str, str] = {}
        for fact in _FACTS:
            values = sorted({value for each in rows if (value := getattr(each, fact))})
            before = known.get(pseudonym, {}).get(fact)
            if len(values) > 1 or (values and before not in (None, values[0])):
                contradiction = f"speaker {pseudonym}: {fact} is {' and '.join(values)} in the list"
                contradictions.append(
                    f"{contradiction}, {before} on the speaker's page" if before else contradiction
                )
            elif values and before is None:
                facts[fact] = values[0]
        if facts and pseudonym in known:
            workspace.catalog.write(partial(_fill_in, workspace, _facts_of(pseudonym, facts)))
    return tuple(contradictions)


def hold_listed_children(workspace: Workspace, said: Mapping[str, Sequence[SpeakerFacts]]) -> tuple[str, ...]:
    """Hold who said yes as an adult and is a child by every row of the lists that tells an age. Returns what to tell.

    said: what each row says, by pseudonym
    """
    children = [
        pseudonym
        for pseudonym, rows in sorted(said.items())
        if (bands := [each.age_band for each in rows if each.age_band]) and all(map(is_minor_band, bands))
    ]
    held: list[str] = []
    for start in range(0, len(children), AT_A_TIME):
        some = children[start : start + AT_A_TIME]
        with workspace.catalog.writing() as session:
            held += hold_children(session, workspace.project.name, some, by=ACTOR, at=workspace.now())
    return tuple(
        f"speaker {each}: under {OF_AGE} in the list, and said yes themselves: held until a guardian says yes"
        for each in held
    )


def _facts_of(pseudonym: str, facts: Mapping[str, str]) -> SpeakerFacts:
    return SpeakerFacts(
        pseudonym,
        gender=facts.get("gender"),
        age_band=facts.get("age_band"),
        district=facts.get("district"),
        dialect=facts.get("dialect"),
    )


def _fill_in(workspace: Workspace, facts: SpeakerFacts, session: Session) -> None:
    register_speaker(session, project_id=workspace.project.name, facts=facts, actor=ACTOR, at=workspace.now())


def _differs(session: Session, upload: Upload, facts: SpeakerFacts | None, language: str | None) -> bool:
    other_speaker = facts is not None and facts.pseudonym != _speaker_of(session, upload)
    return other_speaker or (language is not None and language != upload.language)


def _correct(
    workspace: Workspace,
    upload_id: str,
    session: Session,
    *,
    facts: SpeakerFacts | None,
    language: str | None,
    published: bool,
) -> Correction | None:
    upload = session.get_one(Upload, upload_id, with_for_update=True)
    was = _speaker_of(session, upload)
    found = Correction(
        file=upload.name,
        speaker=(was, facts.pseudonym) if facts is not None and facts.pseudonym != was else None,
        language=(str(upload.language), language) if language not in (None, upload.language) else None,
    )
    if found.speaker is None and found.language is None:
        return None
    recording = session.get(Recording, upload.recording_id) if upload.state is UploadState.INGESTED else None
    if recording is not None and found.speaker is not None:
        versions, clips = _published(session, recording.id)
        if versions and not published:
            held = f"would change {clips} clips of {', '.join(versions)} in the next version"
            return replace(found, clips=clips, versions=versions, made=False, why=held)
        found = replace(found, clips=clips, versions=versions)
    obstacle = _obstacle(session, workspace, recording, facts, found)
    if obstacle is not None:
        return replace(found, made=False, why=obstacle)
    _make(session, workspace, upload, recording, facts, found)
    return found


def _obstacle(
    session: Session,
    workspace: Workspace,
    recording: Recording | None,
    facts: SpeakerFacts | None,
    found: Correction,
) -> str | None:
    """Why a correction can't be made."""
    if recording is not None and _is_taken_back(session, recording):
        return "its speaker took their consent back"
    if found.speaker is not None and facts is not None:
        meant = session.scalar(
            select(Speaker).where(
                Speaker.project_id == workspace.project.name, Speaker.pseudonym == facts.pseudonym
            )
        )
        if meant is not None and consent.is_withdrawn(meant):
            return f"{meant.pseudonym} took their consent back"
    if found.language is not None and found.language[1] not in workspace.languages:
        return f"the project collects {', '.join(sorted(workspace.languages))}"
    if found.language is not None and recording is not None and _has_tasks(session, recording.id):
        return "people are writing it down in its language already; reject it and send it again"
    return None


def _make(
    session: Session,
    workspace: Workspace,
    upload: Upload,
    recording: Recording | None,
    facts: SpeakerFacts | None,
    found: Correction,
) -> None:
    now = workspace.now()
    before = upload.speaker_id
    if found.speaker is not None and facts is not None:
        meant = register_speaker(session, project_id=workspace.project.name, facts=facts, actor=ACTOR, at=now)
        upload.speaker_id = meant.id
        upload.consent_round = meant.consent_round
        if recording is not None:
            _relink(session, recording.id, before, meant)
            if before is not None:
                _take_models_along(session, before, meant)
        voices.give_to(session, upload.id, meant.id)
    if found.language is not None:
        upload.language = found.language[1]
        if recording is not None:
            recording.language = found.language[1]
            for clip in session.scalars(select(Clip).where(Clip.recording_id == recording.id)):
                clip.language = found.language[1]
        if upload.state is UploadState.REJECTED and upload.reason == "unknown_language":
            upload.state = moved(upload.state, UploadState.RECEIVED)  # it was turned away for that alone
            upload.reason = upload.detail = None
    audit.record(
        session,
        at=now,
        actor=ACTOR,
        action="upload.corrected",
        subject=("upload", upload.id),
        detail={
            "speaker": list(found.speaker or ()),
            "language": list(found.language or ()),
            "recording": recording.id if recording is not None else None,
        },
    )


def _is_taken_back(session: Session, recording: Recording) -> bool:
    """Whether a voice in it is withdrawn, also where its rows are not stopped yet."""
    taken_back = select(consent.taken_back(Recording.id)).where(Recording.id == recording.id)
    return recording.state is RecordingState.WITHDRAWN or bool(session.scalar(taken_back))


def _relink(session: Session, recording_id: str, before: str | None, meant: Speaker) -> None:
    if before is not None:
        old = session.get(RecordingSpeaker, (recording_id, before))
        if old is not None:
            session.delete(old)
            session.flush()
    if session.get(RecordingSpeaker, (recording_id, meant.id)) is None:
        session.add(
            RecordingSpeaker(
                recording_id=recording_id, speaker_id=meant.id, consent_round=meant.consent_round
            )
        )


def _take_models_along(session: Session, before: str, meant: Speaker) -> None:
    """Aligner models that learnt from the voice it came in with may have learnt from this recording.

    They stand under both: whoever takes their consent back, such a model is destroyed.
    """
    stands = aliased(AlignerVoice)
    learnt = session.scalars(
        select(AlignerVoice.model_id).where(
            AlignerVoice.speaker_id == before,
            ~exists().where(stands.model_id == AlignerVoice.model_id, stands.speaker_id == meant.id),
        )
    ).all()
    session.add_all(
        AlignerVoice(model_id=model, speaker_id=meant.id, consent_round=meant.consent_round)
        for model in learnt
    )


def _speaker_of(session: Session, upload: Upload) -> str:
    speaker = session.get(Speaker, upload.speaker_id) if upload.speaker_id else None
    return speaker.pseudonym if speaker else "nobody"


def _published(session: Session, recording_id: str) -> tuple[tuple[str, ...], int]:
    """The versions that hold clips of a recording, and how many clips that are."""
    rows = session.execute(
        select(Release.name, Release.version, ReleaseItem.clip_id)
        .join(ReleaseItem, ReleaseItem.release_id == Release.id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .where(
            Clip.recording_id == recording_id,
            Release.state != ReleaseState.BUILDING,
            ReleaseItem.erased_at.is_(None),
        )
        .order_by(Release.name, Release.created_at)
    ).all()
    versions = tuple(dict.fromkeys(f"{name}@{version}" for name, version, _ in rows))
    return versions, len({clip for _, _, clip in rows})


def _has_tasks(session: Session, recording_id: str) -> bool:
    tasks = select(Task.id).join(Clip, Clip.id == Task.clip_id).where(Clip.recording_id == recording_id)
    return session.scalar(tasks.limit(1)) is not None
