"""The nightly sweep as a step of the flow `collect`: once a day, by the rules of the project."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from catalog.config.retention import Retention
from catalog.import_changes import SpeakerChange, SpeakerValues, note_changes
from catalog.imports import UNDO_WITHIN, note_import
from catalog.receiving import register_project
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.states import ImportKind, Role
from catalog.tables import AuditEvent, ImportChange, Upload
from flows.steps.retention import forget_list_changes, sweep_once_a_day
from flows.workspace import Workspace
from tests.flows.conftest import Coordinator, take_in
from transcription.people import add_person


def test_the_sweep_runs_once_a_day_and_lets_go_what_was_refused(
    workspace: Workspace, coordinator: Coordinator
) -> None:
    coordinator.puts_examples("te/te-01_001.mp3", "te/te-01 playlist.wav")
    take_in(workspace, coordinator.folder)
    with workspace.catalog.writing() as session:
        for upload in session.scalars(select(Upload)):
            upload.received_at -= timedelta(days=31)
    assert sweep_once_a_day(workspace) is None
    rules = replace(workspace, project=replace(workspace.project, retention=Retention(rejected_files=30)))

    first, again = sweep_once_a_day(rules), sweep_once_a_day(rules)

    assert first is not None and first.rejected_files == 1
    assert again is None
    with workspace.catalog.reading() as session:
        acts = session.scalars(select(AuditEvent).where(AuditEvent.action == "retention.swept")).all()
    assert len(acts) == 1


def test_what_a_list_changed_goes_after_thirty_days_whatever_the_project_keeps(workspace: Workspace) -> None:
    now, facts = workspace.now(), SpeakerFacts("te-01", language="te")
    with workspace.catalog.writing() as session:
        register_project(session, project_id="demo", title="Demo", languages={"te": "Telugu"}, at=now)
        speaker = register_speaker(session, project_id="demo", facts=facts, actor="tests", at=now)
        meera = add_person(
            session, "meera", project="demo", roles=[Role.MANAGER], languages=["te"], by="tests", now=now
        )
        for days in (0, 1):
            at = now - UNDO_WITHIN + timedelta(days=1 - 2 * days)
            import_id = note_import(session, "demo", ImportKind.SPEAKERS, [], by=meera.id, now=at)
            before, after = SpeakerValues(facts, "Laxmi"), SpeakerValues(facts, "Lakshmi")
            note_changes(session, import_id, [SpeakerChange(speaker.id, 0, before, after)])
    assert workspace.project.retention.keeps_all

    assert forget_list_changes(workspace) == 1
    assert forget_list_changes(workspace) == 0

    with workspace.catalog.reading() as session:
        assert len(session.scalars(select(ImportChange.import_id)).all()) == 1
