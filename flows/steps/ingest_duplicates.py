"""Is this recording held already? By its bytes, by its samples, and by how it sounds."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio.examine import Examined
from audio.fingerprint import Fingerprint, FingerprintMatch, covered, is_near_duplicate, landmarks, likeness
from catalog.states import RecordingState
from catalog.tables import Recording, RecordingFingerprint, SoundLandmark, Upload

_CANDIDATES = 8  # recordings with most landmarks in common: looked at closely
_COPY = 0.8  # of the new recording's time is in the old one: a copy. Less: it holds more than that
_WORTH_A_LOOK = 10.0  # seconds of sound in common: for less nobody should be called


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What a new recording repeats.

    reason: code of `catalog.reasons`; detail: names the one held already
    whole:  nothing new is in it. False: part of it is new, and a person should look
    recording_id: of the one held already
    leaves: that one is about to be erased: whether the new one may stay is known when it is gone
    """

    reason: str
    detail: str
    whole: bool
    recording_id: str
    leaves: bool = False


def duplicate_of(session: Session, upload: Upload, found: Examined) -> Duplicate | None:
    """The recording of the same project that holds this sound already."""
    return _same_duplicate(session, upload, found) or _near_duplicate(session, upload, found.fingerprint)


def _same_duplicate(session: Session, upload: Upload, found: Examined) -> Duplicate | None:
    """Where the same bytes, or the same samples, are held already."""
    held = session.execute(
        select(Recording.id, Recording.sha256, Recording.state, Upload.name)
        .join(Upload, Upload.id == Recording.upload_id)
        .where(
            Recording.project_id == upload.project_id,
            Recording.upload_id != upload.id,
            (Recording.sha256 == upload.sha256) | (Recording.audio_sha256 == found.sound_sha256),
        )
    ).first()
    if held is None:
        return None
    code = "duplicate_bytes" if held.sha256 == upload.sha256 else "duplicate_audio"
    return Duplicate(
        code,
        f"the same as {held.name}",
        whole=True,
        recording_id=held.id,
        leaves=held.state is RecordingState.WITHDRAWN,
    )


def newest_fingerprint(session: Session) -> tuple[int, str] | None:
    """Which recording was accepted last, of all projects: the same again says that none came in between."""
    newest = session.execute(
        select(RecordingFingerprint.id, RecordingFingerprint.recording_id)
        .order_by(RecordingFingerprint.id.desc())
        .limit(1)
    ).first()
    return (newest.id, newest.recording_id) if newest else None


def keep_fingerprint(session: Session, recording: Recording, fingerprint: Fingerprint) -> None:
    """So that a copy that comes later is known."""
    kept = RecordingFingerprint(recording_id=recording.id, words=fingerprint.words, levels=fingerprint.levels)
    session.add(kept)
    session.flush()
    project = _number_of(recording.project_id)
    session.add_all(
        SoundLandmark(project=project, word=word, print_id=kept.id) for word in landmarks(fingerprint)
    )


def _near_duplicate(session: Session, upload: Upload, new: Fingerprint) -> Duplicate | None:
    """The recording that is most like this one, where it is like enough to be the same."""
    best: tuple[float, Duplicate] | None = None
    for held in _candidates(session, upload, landmarks(new)):
        old = Fingerprint(held.words, held.levels)
        found = likeness(old, new)
        if found is None or not is_near_duplicate(found):
            continue
        share = covered(found, old, new)
        name = session.execute(
            select(Upload.name)
            .join(Recording, Recording.upload_id == Upload.id)
            .where(Recording.id == held.recording_id)
        ).scalar_one()
        whole = share >= _COPY
        if not whole and found.shared_seconds < _WORTH_A_LOOK:
            continue
        reason = "near_duplicate" if whole else "partly_duplicate"
        if best is None or share > best[0]:
            best = share, Duplicate(reason, _in_words(name, found, share), whole, held.recording_id)
    return best[1] if best else None


def _candidates(session: Session, upload: Upload, words: tuple[int, ...]) -> Iterator[RecordingFingerprint]:
    """Prints that share most landmarks with the new recording, the likeliest first."""
    for print_id in likeliest_prints(session, _number_of(upload.project_id), words):
        held = session.execute(
            select(RecordingFingerprint)
            .join(Recording, Recording.id == RecordingFingerprint.recording_id)
            .where(
                RecordingFingerprint.id == print_id,
                Recording.project_id == upload.project_id,
                Recording.upload_id != upload.id,
                Recording.state != RecordingState.WITHDRAWN,
            )
        ).scalar_one_or_none()
        if held is not None:
            yield held


def likeliest_prints(session: Session, project: int, words: tuple[int, ...]) -> list[int]:
    """Numbers of the prints of a project that share most of these landmarks."""
    return list(
        session.execute(
            select(SoundLandmark.print_id)
            .where(SoundLandmark.project == project, SoundLandmark.word.in_(words))
            .group_by(SoundLandmark.print_id)
            .order_by(func.count().desc(), SoundLandmark.print_id)
            .limit(_CANDIDATES)
        ).scalars()
    )


def _in_words(name: str, found: FingerprintMatch, share: float) -> str:
    differs = f"{100 * found.bit_error:.0f} % of the fingerprint differs over {found.shared_seconds:.0f} s of speech"
    if share < _COPY:
        return f"{100 * share:.0f} % of it is in {name} ({differs})"
    begins = f", from {found.offset_seconds:.1f} s on" if found.offset_seconds > 0.1 else ""
    return f"the same as {name}{begins} ({differs})"


def _number_of(project_id: str) -> int:
    """Two projects with one number would only cost a look: a candidate's project is compared by name."""
    return zlib.crc32(project_id.encode()) >> 1  # 31 bits: PostgreSQL's integers have a sign
