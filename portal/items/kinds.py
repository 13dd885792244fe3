"""The kinds of items that are listed: files, clips, speakers, texts, and what is owed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from catalog.calendar import ZONE, month_span
from catalog.reports import is_hidden, was_reported
from catalog.search_words import search_words, subjects_with
from catalog.states import (
    ClipState,
    RecordingState,
    SearchKind,
    SlotState,
    SubmissionKind,
    TaskState,
    UploadState,
)
from catalog.tables import (
    Assessment,
    Clip,
    LedgerEntry,
    Person,
    Recording,
    Review,
    Slot,
    Speaker,
    Submission,
    Task,
    Upload,
)
from portal.http.pages import _
from portal.items.ends import clip_end, file_end
from portal.items.file_state import file_state
from portal.items.listing import Filter, ItemKind, ListCell, ListColumn, Order
from portal.items.words import END_WORDS, GENDER_WORDS, STATE_WORDS
from portal.voices import in_another_voice, sounds_like_another

Where = Callable[[str], ColumnElement[bool] | None]


def kinds_of(project: str, languages: Mapping[str, str], *, now: datetime) -> dict[str, ItemKind]:
    """Every kind that managers of a project list. languages: names by code, for the filters"""
    return {
        kind.name: kind
        for kind in (
            _files(project, languages),
            _clips(project, languages, now),
            _speakers(project, languages),
            _texts(project, languages),
            _owed(project),
        )
    }


def is_(column: InstrumentedAttribute[Any]) -> Where:
    """Equal to what is given, as text."""
    return lambda value: column == value


def words(states: list[Any]) -> dict[str, str]:
    """The choices of a filter by state."""
    return {str(state): STATE_WORDS[str(state)] for state in states}


def on_day(column: InstrumentedAttribute[datetime]) -> Where:
    """On one day of India's calendar, given as 2026-11-03, or in a month, given as 2026-11."""

    def where(value: str) -> ColumnElement[bool] | None:
        try:
            if len(value) == len("2026-11"):
                start, end = month_span(value)
            else:
                start = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=ZONE)
                end = start + timedelta(days=1)
        except ValueError:
            return None
        return (column >= start) & (column < end)

    return where


def has_words(kind: SearchKind, project: str, column: InstrumentedAttribute[str]) -> Where:
    """Found by all these words, the last perhaps only begun."""

    def where(value: str) -> ColumnElement[bool] | None:
        asked = search_words(value)
        return column.in_(subjects_with(project, kind, asked)) if asked else None

    return where


def _said(project: str) -> Where:
    """Clips by their words, but for those that a report hides."""
    found = has_words(SearchKind.CLIP, project, Clip.id)

    def where(value: str) -> ColumnElement[bool] | None:
        some = found(value)
        return None if some is None else some & ~is_hidden(Clip.id)

    return where


def _speaker_filters() -> dict[str, Filter]:
    return {
        "speaker": Filter(_("Speaker"), is_(Speaker.pseudonym)),
        "district": Filter(_("District"), is_(Speaker.district)),
        "gender": Filter(_("Gender"), is_(Speaker.gender), GENDER_WORDS),
        "age": Filter(_("Age in years"), is_(Speaker.age_band)),
    }


def _files(project: str, languages: Mapping[str, str]) -> ItemKind:
    seconds = Recording.samples * 1.0 / Recording.sample_rate
    return ItemKind(
        name="files",
        title=_("Files"),
        address="/manage/files/",
        rows=select(Upload.id)
        .select_from(Upload)
        .outerjoin(Recording, Recording.upload_id == Upload.id)
        .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
        .outerjoin(Person, Person.id == Upload.sent_by)
        .where(Upload.project_id == project),
        key=Upload.id.expression,
        target=Upload.id.expression,
        columns=(
            ListColumn("file", _("file"), Upload.name.expression),
            ListColumn("state", _("State"), file_state(), ListCell.WORD),
            ListColumn("reason", _("Why"), func.coalesce(Upload.reason, Recording.reason), ListCell.REASON),
            ListColumn("speaker", _("Speaker"), Speaker.pseudonym.expression),
            ListColumn("language", _("Language"), Upload.language.expression, ListCell.LANGUAGE),
            ListColumn("seconds", _("Length"), seconds, ListCell.SECONDS),
            ListColumn("receipt", _("Receipt"), Upload.receipt.expression),
            ListColumn("sent_by", _("Sent by"), Person.handle.expression),
            ListColumn("received_at", _("Received"), Upload.received_at.expression, ListCell.MOMENT),
        ),
        orders={
            "newest": Order(_("Newest first"), Upload.received_at.expression, descending=True),
            "oldest": Order(_("Oldest first"), Upload.received_at.expression),
            "name": Order(_("By name"), Upload.name.expression),
        },
        filters={
            "text": Filter(_("Name of the file"), has_words(SearchKind.UPLOAD, project, Upload.id)),
            "state": Filter(
                _("State"), lambda word: file_state() == word, words([*UploadState, RecordingState.WITHDRAWN])
            ),
            "end": Filter(_("What became of it"), lambda end: file_end() == end, END_WORDS),
            "reason": Filter(_("Why"), lambda code: (Upload.reason == code) | (Recording.reason == code)),
            "voice": Filter(_("Voice"), {"other": in_another_voice()}.get, {"other": _("another voice")}),
            "codec": Filter(_("Kind of sound"), is_(Recording.codec)),
            "language": Filter(_("Language"), is_(Upload.language), languages),
            "person": Filter(_("Sent by"), is_(Person.handle)),
            "day": Filter(_("Day"), on_day(Upload.received_at)),
            **_speaker_filters(),
        },
    )


def _clips(project: str, languages: Mapping[str, str], now: datetime) -> ItemKind:
    held = exists().where(Slot.task_id == Task.id, Slot.state == SlotState.LEASED, Slot.expires_at > now)
    state = func.coalesce(cast(Task.state, String), cast(Clip.state, String))
    return ItemKind(
        name="clips",
        title=_("Clips"),
        address="/manage/clips/",
        rows=select(Clip.id)
        .select_from(Clip)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .outerjoin(Task, Task.clip_id == Clip.id)
        .outerjoin(Speaker, Speaker.id == Upload.speaker_id)
        .where(Clip.project_id == project),
        key=Clip.id.expression,
        target=Clip.id.expression,
        columns=(
            ListColumn("file", _("file"), Upload.name.expression),
            ListColumn("number", _("Clip"), Clip.number + 1, ListCell.NUMBER),
            ListColumn("state", _("State"), state, ListCell.WORD),
            ListColumn("reason", _("Why"), func.coalesce(Clip.reason, Task.reason), ListCell.REASON),
            ListColumn("seconds", _("Length"), Clip.seconds.expression, ListCell.SECONDS),
            ListColumn("language", _("Language"), Clip.language.expression, ListCell.LANGUAGE),
            ListColumn("speaker", _("Speaker"), Speaker.pseudonym.expression),
            ListColumn("district", _("District"), Speaker.district.expression),
            ListColumn("cut_at", _("Cut"), Clip.created_at.expression, ListCell.MOMENT),
        ),
        orders={
            "newest": Order(_("Newest first"), Clip.created_at.expression, descending=True),
            "oldest": Order(_("Oldest first"), Clip.created_at.expression),
            "longest": Order(_("Longest first"), Clip.seconds.expression, descending=True),
        },
        filters={
            "text": Filter(_("Words said"), _said(project)),
            "task": Filter(_("The work"), is_(Task.state), words(list(TaskState))),
            "state": Filter(_("State"), is_(Clip.state), words(list(ClipState))),
            "end": Filter(_("What became of it"), lambda end: clip_end() == end, END_WORDS),
            "held": Filter(_("In hand"), lambda _yes: held),
            "usable": Filter(
                _("recorded"),
                lambda _yes: Clip.state.in_((ClipState.CUT, ClipState.WAITING, ClipState.ACCEPTED)),
            ),
            "reason": Filter(_("Why"), lambda code: (Clip.reason == code) | (Task.reason == code)),
            "language": Filter(_("Language"), is_(Clip.language), languages),
            "day": Filter(_("Day"), on_day(Clip.created_at)),
            **_speaker_filters(),
        },
    )


def _speakers(project: str, languages: Mapping[str, str]) -> ItemKind:
    filters = _speaker_filters()
    return ItemKind(
        name="speakers",
        title=_("Speakers"),
        address="/manage/speakers/",
        rows=select(Speaker.id).select_from(Speaker).where(Speaker.project_id == project),
        key=Speaker.id.expression,
        target=Speaker.id.expression,
        columns=(
            ListColumn("speaker", _("Pseudonym"), Speaker.pseudonym.expression),
            ListColumn("language", _("Language"), Speaker.language.expression, ListCell.LANGUAGE),
            ListColumn("gender", _("Gender"), Speaker.gender.expression, ListCell.WORD),
            ListColumn("age_band", _("Age in years"), Speaker.age_band.expression),
            ListColumn("district", _("District"), Speaker.district.expression),
            ListColumn("dialect", _("Dialect"), Speaker.dialect.expression, ListCell.SAID),
            ListColumn("registered_at", _("Written down"), Speaker.created_at.expression, ListCell.MOMENT),
        ),
        orders={"name": Order(_("By name"), Speaker.pseudonym.expression)},
        filters={
            "language": Filter(_("Language"), is_(Speaker.language), languages),
            "voice": Filter(
                _("Voice"), {"alike": sounds_like_another()}.get, {"alike": _("sounds like another speaker")}
            ),
            **filters,
        },
    )


def _texts(project: str, languages: Mapping[str, str]) -> ItemKind:
    readable = (Task.state != TaskState.WITHDRAWN) & ~was_reported(Task.clip_id)
    good = exists().where(Assessment.submission_id == Submission.id, Assessment.good)
    bad = exists().where(Assessment.submission_id == Submission.id, Assessment.good.is_(False))
    # Asked of each text: SQLite would begin with all tasks of the project, and sort all their texts.
    of_project = aliased(Task)
    ours = exists().where(of_project.id == Submission.task_id, of_project.project_id == project)
    return ItemKind(
        name="texts",
        title=_("Texts"),
        address="/manage/clips/",
        rows=select(Submission.id)
        .select_from(Submission)
        .join(Task, Task.id == Submission.task_id)
        .join(Person, Person.id == Submission.person_id)
        .where(ours, Submission.kind != SubmissionKind.DRAFT),
        key=Submission.id.expression,
        target=Task.clip_id.expression,
        columns=(
            ListColumn("text", _("Text"), case((readable, Submission.verbatim)), ListCell.SAID),
            ListColumn("person", _("Person"), Person.handle.expression),
            ListColumn("kind", _("State"), Submission.kind.expression, ListCell.WORD),
            ListColumn("became", _("What became of it"), Task.state.expression, ListCell.WORD),
            ListColumn("language", _("Language"), Task.language.expression, ListCell.LANGUAGE),
            ListColumn("at", _("When"), Submission.created_at.expression, ListCell.MOMENT),
        ),
        orders={
            "newest": Order(_("Newest first"), Submission.created_at.expression, descending=True),
            "oldest": Order(_("Oldest first"), Submission.created_at.expression),
        },
        filters={
            "person": Filter(_("Person"), is_(Person.handle)),
            "kind": Filter(
                _("State"),
                is_(Submission.kind),
                words([SubmissionKind.FINAL, SubmissionKind.LATE, SubmissionKind.SKIP]),
            ),
            "task": Filter(_("What became of it"), is_(Task.state), words(list(TaskState))),
            "judged": Filter(
                _("Held against a better text"),
                {"good": good, "bad": bad, "any": good | bad}.get,
                {"any": _("all"), "good": _("good"), "bad": _("not good")},
            ),
            "language": Filter(_("Language"), is_(Task.language), languages),
            "day": Filter(_("Day"), on_day(Submission.created_at)),
        },
    )


def _owed(project: str) -> ItemKind:
    return ItemKind(
        name="pay",
        title=_("Pay"),
        address="/manage/clips/",
        rows=select(LedgerEntry.id)
        .select_from(LedgerEntry)
        .join(Person, Person.id == LedgerEntry.person_id)
        .outerjoin(Submission, Submission.id == LedgerEntry.subject_id)
        .outerjoin(Review, Review.id == LedgerEntry.subject_id)
        .outerjoin(Task, Task.id == func.coalesce(Submission.task_id, Review.task_id))
        .where(LedgerEntry.project_id == project),
        key=LedgerEntry.id.expression,
        target=Task.clip_id.expression,
        columns=(
            ListColumn("person", _("Person"), Person.handle.expression),
            ListColumn("work", _("Work"), LedgerEntry.work.expression, ListCell.WORD),
            ListColumn("quantity", _("How many"), LedgerEntry.quantity.expression, ListCell.NUMBER),
            ListColumn("unit", _("Unit"), LedgerEntry.unit.expression),
            ListColumn("amount", _("Earned"), LedgerEntry.amount_millis.expression, ListCell.MONEY),
            ListColumn("at", _("When"), LedgerEntry.at.expression, ListCell.MOMENT),
        ),
        orders={
            "newest": Order(_("Newest first"), LedgerEntry.at.expression, descending=True),
            "oldest": Order(_("Oldest first"), LedgerEntry.at.expression),
        },
        filters={
            "person": Filter(_("Person"), is_(Person.handle)),
            "work": Filter(
                _("Work"),
                is_(LedgerEntry.work),
                {name: STATE_WORDS[name] for name in ("transcription", "review")},
            ),
            "day": Filter(_("Month"), on_day(LedgerEntry.at)),
        },
    )
