"""The nightly sweep as a step of the flow `collect`: once a day, by the rules of the project."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from catalog.config.retention import Retention
from catalog.tables import AuditEvent, Upload
from flows.steps.retention import sweep_once_a_day
from flows.workspace import Workspace
from tests.flows.conftest import Coordinator, take_in


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
