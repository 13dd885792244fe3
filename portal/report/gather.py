"""What a report of any project and any days shows, read from the catalogue and the store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from catalog.alignments import holds_first
from catalog.calendar import ZONE
from catalog.config.project import Project
from catalog.consent import ConsentScope, consented
from catalog.reasons import REASONS
from catalog.reports import is_hidden, was_reported
from catalog.states import AlignmentState, ClipState, ReleaseState, SubmissionKind, TaskState
from catalog.store import NotStored, ObjectStore
from catalog.tables import (
    Alignment,
    Clip,
    Judgement,
    Person,
    Release,
    ReleaseItem,
    Review,
    Speaker,
    Submission,
    Task,
    Transcript,
    Upload,
)
from portal.http.pages import _
from portal.items.word_times import word_times
from portal.report import records
from portal.report.figures import funnel, hours_by_language, of_span, refused_files
from portal.report.span import ReportDays
from portal.report.wording import Wording
from portal.write.waveform import loudness
from transcription.rules.language import Language

MOST_HEARD = 12
"""Clips with their sound in the page: a page that is sent on stays small."""
MOST_DISPUTED = 24
MOST_BYTES = 4 * 2**20
BEST_SECONDS = 6.0
FULL_SCALE = 128


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """Whose report: a project, its languages by code, and where its sound lies."""

    project: Project
    languages: Mapping[str, Language]
    store: ObjectStore


def gather(
    session: Session, subject: ReportSubject, span: ReportDays, *, at: datetime, words: Wording | None = None
) -> records.Report:
    """Everything on the page, of the files received in those days.

    Sound is only of clips whose every voice consents to publication: a page that stands alone may be sent on.
    """
    words = words or Wording()
    project = subject.project.name
    rows = tuple(funnel(session, project, span, words))
    return records.Report(
        title=subject.project.title,
        summary=_summary(span, at, words),
        generated_at=at,
        funnel=rows,
        languages=tuple(
            records.LanguageHours(_language(subject, code), *hours)
            for code, hours in sorted(hours_by_language(session, project, span).items())
        ),
        clips=tuple(_heard(session, subject, span)),
        cleaning=(),
        recordings=(),
        agreement=tuple(_disputed(session, subject, span, words)),
        rejected=tuple(_refused(session, project, span, words)),
        release=_release(session, project),
    )


def _summary(span: ReportDays, at: datetime, words: Wording) -> str:
    last = span.last or at.astimezone(ZONE).date()
    if span.first is None:
        return words.say(_("All that came in until %(last)s.")) % {"last": last.isoformat()}
    days = {"first": span.first.isoformat(), "last": last.isoformat()}
    return words.say(_("What came in from %(first)s to %(last)s, and what became of it since.")) % days


def _language(subject: ReportSubject, code: str) -> records.ReportLanguage:
    language = subject.languages[code]
    return records.ReportLanguage(code, language.name, language.own_name, language.direction)


def _heard(session: Session, subject: ReportSubject, span: ReportDays) -> Iterator[records.ListenClip]:
    """One accepted and aligned clip a language, of a good length to listen to."""
    for code in subject.project.languages[:MOST_HEARD]:
        row = session.execute(
            of_span(
                select(Clip, Transcript.normalised, Alignment.state, Alignment.words, Speaker.pseudonym),
                subject.project.name,
                span,
            )
            .join(Alignment, Alignment.clip_id == Clip.id)
            .join(Transcript, Transcript.id == Alignment.transcript_id)
            .join(Speaker, Speaker.id == Upload.speaker_id)
            .where(
                Clip.language == code,
                Clip.state == ClipState.ACCEPTED,
                Alignment.state == AlignmentState.ALIGNED,
                Transcript.withheld_at.is_(None),
                ~is_hidden(Clip.id),
                consented(Clip.recording_id, ConsentScope.PUBLICATION),
            )
            .order_by(func.abs(Clip.seconds - BEST_SECONDS), Clip.id, *holds_first())
            .limit(1)
        ).first()
        if row is None:
            continue
        clip, text, state, stored, pseudonym = row
        try:
            sound = subject.store.get_bytes(clip.preview_key, MOST_BYTES)
            peaks = loudness(subject.store.get_bytes(clip.peaks_key, MOST_BYTES))
        except NotStored:
            continue
        yield records.ListenClip(
            clip=clip.id,
            language=_language(subject, code),
            speaker=pseudonym,
            duration=clip.seconds,
            peaks=tuple(min(1.0, peak / FULL_SCALE) for peak in peaks),
            text=text,
            words=tuple(
                records.TimedWord(word.text, min(word.start, clip.seconds), min(word.end, clip.seconds))
                for word in word_times(state, stored)
            ),
            sound=records.EmbeddedSound(sound, "audio/ogg"),
        )


def _disputed(
    session: Session, subject: ReportSubject, span: ReportDays, words: Wording
) -> Iterator[records.AgreementRow]:
    """The clips on which two people differed most, with what stands now."""
    tasks = session.execute(
        of_span(select(Task, Clip.id, func.max(Judgement.error).label("error")), subject.project.name, span)
        .join(Task, Task.clip_id == Clip.id)
        .join(Judgement, Judgement.task_id == Task.id)
        .where(Judgement.error > 0, Clip.state != ClipState.WITHDRAWN, ~was_reported(Clip.id))
        .group_by(Task.id, Clip.id)
        .order_by(func.max(Judgement.error).desc(), Task.id)
        .limit(MOST_DISPUTED)
    ).all()
    ids = [row.Task.id for row in tasks]
    texts = _first_texts(session, ids)
    reviewed = set(session.scalars(select(Review.task_id).where(Review.task_id.in_(ids))))
    stands = _standing_texts(session, [row.id for row in tasks])
    for task, clip_id, error in tasks:
        sent = texts.get(task.id, [])
        if len(sent) < 2:
            continue
        (one_by, one), (other_by, other) = sent[:2]
        text = stands.get(clip_id, "")
        yield records.AgreementRow(
            clip=clip_id,
            language=_language(subject, task.language),
            first_by=one_by,
            first=one,
            second_by=other_by,
            second=other,
            character_error_rate=error,
            outcome=_outcome(task, len(sent), task.id in reviewed),
            note=f"{words.say(_('Accepted'))}: {text}" if text else "",
        )


def _first_texts(session: Session, tasks: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Handle and words of each finished text, in the order they came, by task."""
    found: dict[str, list[tuple[str, str]]] = {}
    for task, handle, verbatim in session.execute(
        select(Submission.task_id, Person.handle, Submission.verbatim)
        .join(Person, Person.id == Submission.person_id)
        .where(Submission.task_id.in_(tasks), Submission.kind == SubmissionKind.FINAL)
        .order_by(Submission.created_at, Submission.id)
    ):
        found.setdefault(task, []).append((handle, verbatim))
    return found


def _standing_texts(session: Session, clips: Sequence[str]) -> dict[str, str]:
    later = aliased(Transcript)
    newest = select(func.max(later.version)).where(later.clip_id == Transcript.clip_id).correlate(Transcript)
    rows = session.execute(
        select(Transcript.clip_id, Transcript.verbatim).where(
            and_(Transcript.clip_id.in_(clips), Transcript.version == newest.scalar_subquery())
        )
    )
    return dict(rows.tuples().all())


def _outcome(task: Task, texts: int, reviewed: bool) -> records.AgreementEnd:
    if task.state is not TaskState.ACCEPTED:
        return records.AgreementEnd.OPEN
    if reviewed:
        return records.AgreementEnd.REVIEWED
    return records.AgreementEnd.THIRD_OPINION if texts > 2 else records.AgreementEnd.AGREED


def _refused(
    session: Session, project: str, span: ReportDays, words: Wording
) -> Iterator[records.RejectedRow]:
    for refused in refused_files(session, project, span):
        why = REASONS.get(refused.reason)
        sentence, mend = (words.say(why.sentence), words.say(why.mend)) if why else (refused.reason, "")
        yield records.RejectedRow(refused.name, refused.reason, sentence, mend)


def _release(session: Session, project: str) -> records.ReleaseBox | None:
    """The newest version that the project published; None before the first."""
    release = session.scalars(
        select(Release)
        .where(Release.project_id == project, Release.state != ReleaseState.BUILDING)
        .order_by(Release.created_at.desc(), Release.id)
        .limit(1)
    ).first()
    if release is None:
        return None
    rows = session.execute(
        select(
            ReleaseItem.split,
            func.count(func.distinct(ReleaseItem.speaker)),
            func.count(),
            func.sum(Clip.seconds),
        )
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .where(ReleaseItem.release_id == release.id, ReleaseItem.erased_at.is_(None))
        .group_by(ReleaseItem.split)
        .order_by(ReleaseItem.split.desc())
    ).all()
    return records.ReleaseBox(
        name=release.name,
        version=release.version,
        location="",
        rows=sum(count for _split, _voices, count, _seconds in rows),
        hours=sum(seconds for *_others, seconds in rows) / 3600,
        splits=tuple(
            records.SplitRow(split, voices, count, seconds / 3600) for split, voices, count, seconds in rows
        ),
        files_verified=None,
        loading_code=f"boli release pull {release.name}@{release.version} {release.name}",
    )
