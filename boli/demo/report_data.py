"""What the demo's report shows, read from the catalogue, the store and the published dataset."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from boli.demo.report_clips import (
    ReportClip,
    cleaning,
    clips_of,
    language_of,
    listen,
    one_a_language,
    pictures,
)
from boli.demo.scripted_people import WorkDone
from catalog.reasons import reason
from catalog.reconciliation.balance import BalanceLine, reconcile
from catalog.states import ClipState, RecordingState, SubmissionKind, TaskState, UploadState
from catalog.tables import (
    Clip,
    Person,
    Recording,
    Release,
    ReleaseItem,
    Review,
    Submission,
    Task,
    Upload,
)
from flows.steps.publish import PublishReport
from flows.workspace import Workspace
from portal.report import records as report
from releases.verify import VerifyReport

MOST_AGREEMENTS = 24


def gather_report(
    workspace: Workspace,
    published: PublishReport,
    verified: VerifyReport,
    people: WorkDone,
    examples: Path,
    *,
    at: datetime,
) -> report.Report:
    """Everything on the page. `examples` holds the recordings by their names."""
    with workspace.catalog.reading() as session:
        clips = clips_of(session, workspace.project.name)
        chosen = one_a_language(clips)
        return report.Report(
            title="From a village recording to a dataset",
            summary=_summary(clips, published),
            generated_at=at,
            funnel=tuple(_funnel(session, workspace, published)),
            languages=tuple(_hours(session, workspace, clips)),
            clips=tuple(listen(workspace, clip) for clip in chosen),
            cleaning=tuple(cleaning(workspace, clip) for clip in chosen),
            recordings=tuple(pictures(session, workspace, clips, examples)),
            agreement=tuple(_agreement(session, workspace, clips)),
            rejected=tuple(_rejected(session, workspace.project.name)),
            release=_release(session, published, verified),
            notes=_notes(people),
        )


def _summary(clips: Sequence[ReportClip], published: PublishReport) -> str:
    languages = len({clip.language for clip in clips})
    return (
        f"Phone files and long sessions in {languages} languages, cut into {len(clips)} clips, written down, "
        f"agreed on, aligned and published as {published.dataset} {published.version}: {published.clips} clips, "
        f"{published.seconds / 60:.1f} minutes."
    )


def _funnel(session: Session, workspace: Workspace, published: PublishReport) -> Iterator[report.FunnelRow]:
    project = workspace.project.name
    balance = reconcile(session, workspace.store, project)
    yield report.FunnelRow("Received", balance.received.count, "recordings", balance.received.seconds / 3600)
    yield from (_lost(line) for line in balance.ends("uploads") if line.end in ("rejected", "failed"))
    good = session.execute(
        select(Recording.samples, Recording.sample_rate).where(
            Recording.project_id == project, Recording.state == RecordingState.SEGMENTED
        )
    ).all()
    hours = sum(samples / rate for samples, rate in good) / 3600
    yield report.FunnelRow("Cut into clips", len(good), "recordings", hours)
    yield report.FunnelRow("Utterances found", balance.cut.count, "clips", balance.cut.seconds / 3600)
    yield from (_lost(line) for line in balance.ends("clips") if line.end in ("rejected", "failed"))
    tasks = session.scalar(select(func.count()).where(Task.project_id == project)) or 0
    yield report.FunnelRow("Given to transcribers", tasks, "tasks")
    texts = session.scalar(
        select(func.count())
        .select_from(Submission)
        .join(Task, Task.id == Submission.task_id)
        .where(Task.project_id == project, Submission.kind == SubmissionKind.FINAL)
    )
    yield report.FunnelRow("Written down", texts or 0, "transcripts")
    kept = [line for line in balance.ends("clips") if line.end in ("accepted", "published")]
    yield report.FunnelRow(
        "Accepted", sum(line.count for line in kept), "clips", sum(line.seconds for line in kept) / 3600
    )
    yield report.FunnelRow("Published", published.clips, "clips", published.seconds / 3600)


def _lost(line: BalanceLine) -> report.FunnelRow:
    label = reason(line.reason).sentence if line.reason else line.end
    unit = "recordings" if line.noun == "uploads" else "clips"
    return report.FunnelRow(
        f"Rejected: {label}",
        line.count,
        unit,
        line.seconds / 3600 if line.seconds else None,
        report.FunnelKind.LOST,
    )


def _hours(
    session: Session, workspace: Workspace, clips: Sequence[ReportClip]
) -> Iterator[report.LanguageHours]:
    received: defaultdict[str, float] = defaultdict(float)
    for language, samples, rate in session.execute(
        select(Recording.language, Recording.samples, Recording.sample_rate).where(
            Recording.project_id == workspace.project.name
        )
    ):
        received[language] += samples / rate / 3600
    for code in sorted(received):
        ours = [clip for clip in clips if clip.language == code]
        yield report.LanguageHours(
            language_of(workspace, code),
            received[code],
            sum(clip.seconds for clip in ours if clip.state is ClipState.ACCEPTED) / 3600,
            sum(clip.seconds for clip in ours if clip.released) / 3600,
        )


def _agreement(
    session: Session, workspace: Workspace, clips: Sequence[ReportClip]
) -> Iterator[report.AgreementRow]:
    """Clips on which two people did not write the same, the most different first."""
    from flows.steps.project_context import open_project_context
    from transcription.decisions.agreement import agreement

    context = open_project_context(workspace)
    by_id = {clip.id: clip for clip in clips}
    handles = dict(session.execute(select(Person.id, Person.handle)).tuples().all())
    reviewed = set(session.scalars(select(Review.task_id)))
    rows: list[report.AgreementRow] = []
    finals: defaultdict[str, list[Submission]] = defaultdict(list)
    for sent in session.scalars(
        select(Submission)
        .where(Submission.kind == SubmissionKind.FINAL)
        .order_by(Submission.created_at, Submission.id)
    ):
        finals[sent.task_id].append(sent)
    for task in session.scalars(
        select(Task).where(Task.project_id == workspace.project.name).order_by(Task.id)
    ):
        texts = finals[task.id]
        if len(texts) < 2 or texts[0].verbatim == texts[1].verbatim:
            continue
        clip = by_id[task.clip_id]
        guideline = context.guideline_of(task.language)
        rows.append(
            report.AgreementRow(
                clip=clip.id,
                language=language_of(workspace, clip.language),
                first_by=handles[texts[0].person_id],
                first=texts[0].verbatim,
                second_by=handles[texts[1].person_id],
                second=texts[1].verbatim,
                character_error_rate=agreement(texts[0].verbatim, texts[1].verbatim, guideline).cer,
                outcome=_outcome(task, len(texts), task.id in reviewed),
                note=f"Stands: {clip.text}" if clip.text else "",
            )
        )
    yield from sorted(rows, key=lambda row: (-row.character_error_rate, row.clip))[:MOST_AGREEMENTS]


def _outcome(task: Task, texts: int, reviewed: bool) -> report.AgreementEnd:
    if task.state is not TaskState.ACCEPTED:
        return report.AgreementEnd.OPEN
    if reviewed:
        return report.AgreementEnd.REVIEWED
    return report.AgreementEnd.THIRD_OPINION if texts > 2 else report.AgreementEnd.AGREED


def _rejected(session: Session, project: str) -> Iterator[report.RejectedRow]:
    turned_away = session.execute(
        select(Upload.name, Upload.reason).where(
            Upload.project_id == project, Upload.state.in_([UploadState.REJECTED, UploadState.FAILED])
        )
    ).all()
    unusable = session.execute(
        select(Upload.name, Recording.reason)
        .join(Recording, Recording.upload_id == Upload.id)
        .where(Recording.project_id == project, Recording.state == RecordingState.REJECTED)
    ).all()
    for name, code in sorted([*turned_away, *unusable]):
        why = reason(str(code))
        yield report.RejectedRow(name, why.code, why.sentence, why.mend)


def _release(session: Session, published: PublishReport, verified: VerifyReport) -> report.ReleaseBox:
    rows = session.execute(
        select(
            ReleaseItem.split,
            func.count(func.distinct(ReleaseItem.speaker)),
            func.count(),
            func.sum(Clip.seconds),
        )
        .join(Release, Release.id == ReleaseItem.release_id)
        .join(Clip, Clip.id == ReleaseItem.clip_id)
        .where(Release.name == published.dataset, Release.version == published.version)
        .group_by(ReleaseItem.split)
        .order_by(ReleaseItem.split.desc())
    ).all()
    location = str(published.url).removeprefix("file://")
    return report.ReleaseBox(
        name=published.dataset,
        version=str(published.version),
        location=location,
        rows=published.clips,
        hours=published.seconds / 3600,
        splits=tuple(
            report.SplitRow(split, voices, count, seconds / 3600) for split, voices, count, seconds in rows
        ),
        files_verified=verified.files if verified.ok else 0,
        loading_code=(
            "from datasets import Audio, load_dataset\n\n"
            f"dataset = load_dataset({json.dumps(location)})\n"
            'dataset = dataset.cast_column("audio", Audio(decode=False))'
        ),
    )


def _notes(people: WorkDone) -> tuple[str, ...]:
    texts = sum(people.outcomes.values())
    done = (
        f"They handed in {texts} texts in this run."
        if texts
        else "In this run there was nothing left to do for them."
    )
    return (
        "The recordings are real, under public licences. The transcribers and reviewers are scripts that know what is "
        "said: one careful, one average, one careless, so that agreement, third opinions and reviews happen. "
        + done,
        "Each language has one speaker here, so all of it is for training: a voice stands in one split only. "
        "A real project asks for more speakers before it publishes.",
        "Consents are rows for the demonstration: the recordings' public licence is their evidence.",
    )
