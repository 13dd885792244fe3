"""The flows under Prefect, against its real server: what they do, and what somebody sees on its pages."""

import json
from pathlib import Path

import pytest
from prefect import flow
from sqlalchemy import select, text

from catalog.database import CatalogUnavailable
from catalog.states import RecordingState, UploadState
from catalog.store import NotStored, StoreUnavailable
from catalog.tables import Recording, Upload
from flows.ingest import receive_source
from flows.pipeline import PipelineFailed, pipeline
from flows.progress import Progress, listening
from flows.running import worth_retrying
from flows.segment import segment
from flows.sources import FolderSource, SourceMissing
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.receive import ReceiveReport, receive_all
from flows.workspace import UnknownProject, open_workspace
from tests import own_loop
from tests.audio.sounds import babble, pcm
from tests.flows.conftest import GOOD
from tests.flows.prefect_pages import artifacts_of, eventually, runs_below, tasks_of


@pytest.mark.slow
def test_the_pipeline_takes_recordings_to_tasks_and_shows_it_on_the_pages_of_the_run(
    prefect_api, flow_settings, coordinator
):
    coordinator.puts_examples(*GOOD[:2], "te/te-01 empty.m4a")
    seen: list[Progress] = []

    with listening(seen.append):
        state = pipeline("demo", str(coordinator.folder), release=False, return_state=True)

    report = state.result()
    assert (report.ingested.received, report.ingested.accepted) == (3, 2)
    assert report.ingested.rejected == {"empty_file": 1}
    assert report.segmented.recordings == 2
    assert report.routed.tasks == report.segmented.clips > 0
    assert {progress.step for progress in seen} >= {"receive", "ingest", "segment"}

    steps = {f"{step} demo" for step in ("pipeline", "ingest", "segment", "route", "collect", "align")}
    run_id = state.state_details.flow_run_id
    runs = eventually(lambda: runs_below(prefect_api, run_id), lambda found: set(found) >= steps)
    assert set(runs) == steps
    assert {run["state_type"] for run in runs.values()} == {"COMPLETED"}

    ingest_run = runs["ingest demo"]["id"]
    names = {f"receive {coordinator.folder}", "ingest 1 of 1"}
    tasks = eventually(
        lambda: tasks_of(prefect_api, ingest_run),
        lambda found: (
            set(found) >= names and {task["state_type"] for task in found.values()} == {"COMPLETED"}
        ),
    )
    assert set(tasks) == names

    artifacts = artifacts_of(prefect_api, ingest_run)
    assert set(artifacts) == {"receive-progress", "ingest-progress", "ingested-demo"}
    table = json.loads(artifacts["ingested-demo"]["data"])
    assert [(row["what"], row["files"]) for row in table] == [("accepted", 2), ("empty_file", 1)]
    assert float(artifacts["ingest-progress"]["data"]) == 100.0

    again = pipeline("demo", str(coordinator.folder), release=False)

    assert (again.ingested.received, again.ingested.accepted, again.ingested.rejected) == (0, 0, {})
    assert (again.segmented.recordings, again.routed.tasks, again.collected.judged) == (0, 0, 0)


@pytest.mark.slow
def test_a_store_that_is_away_for_a_moment_is_tried_again_and_the_run_passes(
    prefect_api, flow_settings, coordinator, tmp_path
):
    coordinator.puts("a.mp3", b"sound")
    with open_workspace("demo", flow_settings):  # makes the catalogue and the store
        pass
    store = flow_settings.home / "store"
    store.mkdir(exist_ok=True)
    aside = tmp_path / "unplugged"
    store.rename(aside)
    store.symlink_to(store)  # as a mount that hangs: reaching it fails, and not for want of rights
    refusals: list[bool] = []

    def plug_in_again(task, run, state):
        refusals.append(worth_retrying(task, run, state))
        store.unlink()
        aside.rename(store)
        return refusals[-1]

    @flow
    def receive_only() -> ReceiveReport:
        patient = receive_source.with_options(retry_delay_seconds=0.1, retry_condition_fn=plug_in_again)
        report: ReceiveReport = patient("demo", str(coordinator.folder))
        return report

    report = receive_only()

    assert refusals == [True]
    assert report.received == 1


@pytest.mark.slow
def test_an_original_that_is_gone_stops_no_other_and_the_run_names_it(
    prefect_api, flow_settings, coordinator, monkeypatch
):
    monkeypatch.setenv("BOLI_BATCH_MINUTES", "1")
    for seed in range(2):  # a minute each: a batch each
        made = coordinator.folder / "made.wav"
        coordinator.puts(f"{seed}.wav", pcm(made, babble(61.0, 8_000, seed), 8_000))
        made.unlink()
    with open_workspace("demo", flow_settings) as workspace:
        receive_all(workspace, FolderSource(coordinator.folder.resolve()))
        for batch in waiting_uploads(workspace):
            ingest_batch(workspace, batch)
        with workspace.catalog.reading() as session:
            first, second = session.scalars(select(Recording).order_by(Recording.id)).all()
        workspace.store.delete(first.key)

    report = segment("demo")

    (failed,) = report.failed
    assert failed.code == "store_unavailable" and first.key in failed.detail
    with open_workspace("demo", flow_settings) as workspace, workspace.catalog.reading() as session:
        assert session.get_one(Recording, first.id).state is RecordingState.ACCEPTED
        assert session.get_one(Recording, second.id).state is not RecordingState.ACCEPTED


@pytest.mark.slow
def test_a_batch_that_fails_stops_no_other_batch_and_no_later_step(
    prefect_api, flow_settings, coordinator, monkeypatch
):
    monkeypatch.setenv("BOLI_BATCH_MINUTES", "1")
    for seed in range(2):  # a minute each: a batch each
        made = coordinator.folder / "made.wav"
        coordinator.puts(f"{seed}.wav", pcm(made, babble(61.0, 8_000, seed), 8_000))
        made.unlink()
    with open_workspace("demo", flow_settings) as workspace:
        receive_all(workspace, FolderSource(coordinator.folder.resolve()))
        with workspace.catalog.writing() as session:
            refused, taken = session.scalars(select(Upload.id).order_by(Upload.name)).all()
            session.execute(
                text(
                    "CREATE TRIGGER full BEFORE UPDATE ON upload WHEN old.name = '0.wav' "
                    "BEGIN SELECT RAISE(ABORT, 'this row can not be written'); END"
                )
            )

    with pytest.raises(PipelineFailed, match=r"ingest: 1 batch.*this row can not be written") as caught:
        pipeline("demo", release=False)

    report = caught.value.report
    assert [failure.step for failure in report.failures] == ["ingest"]
    assert report.ingested is not None and report.segmented is not None and report.collected is not None
    assert (
        report.ingested.accepted + sum(report.ingested.rejected.values()),
        report.segmented.recordings,
    ) == (1, 1)
    with open_workspace("demo", flow_settings) as workspace, workspace.catalog.reading() as session:
        assert session.get_one(Upload, refused).state is UploadState.RECEIVED
        assert session.get_one(Upload, taken).state is UploadState.INGESTED


def test_a_run_of_a_project_that_is_not_there_names_those_that_are(prefect_api, flow_settings):
    with pytest.raises(UnknownProject, match=r"no project 'demmo'; there is: demo, field, keeping"):
        segment("demmo")


def test_a_folder_that_is_not_there_ends_the_run_at_once(prefect_api, flow_settings, tmp_path: Path):
    with pytest.raises(SourceMissing, match="Name the folder that holds the recordings"):
        pipeline("demo", str(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (StoreUnavailable("away"), True),
        (CatalogUnavailable("locked"), True),
        (OSError(28, "No space left on device"), True),
        (NotStored("gone"), False),
        (ValueError("a mistake of ours"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(failure, again):

    from prefect.client.schemas.objects import StateType
    from prefect.states import exception_to_failed_state

    state = own_loop.run(exception_to_failed_state(failure))
    assert state.type is StateType.FAILED

    assert worth_retrying(None, None, state) is again


@pytest.mark.slow
def test_what_does_not_fit_between_lists_and_files_is_in_the_report_and_on_the_page_of_the_run(
    prefect_api, flow_settings, coordinator
):
    coordinator.puts("a.mp3", b"sound")
    coordinator.lists("gone.mp3", language="te", speaker="te-01")
    (coordinator.folder / "unlisted.mp3").write_bytes(b"other sound")

    state = pipeline("demo", str(coordinator.folder), release=False, return_state=True)

    lists = state.result().ingested.lists
    assert lists.without_file.first == ("recordings.tsv:3: gone.mp3",)
    assert lists.without_row.first == ("unlisted.mp3",)
    run_id = state.state_details.flow_run_id
    runs = eventually(lambda: runs_below(prefect_api, run_id), lambda found: "ingest demo" in found)
    artifacts = eventually(
        lambda: artifacts_of(prefect_api, runs["ingest demo"]["id"]), lambda found: "ingested-demo" in found
    )
    table = {row["what"]: row["files"] for row in json.loads(artifacts["ingested-demo"]["data"])}
    assert table["rows that name no file: recordings.tsv:3: gone.mp3"] == 1
    assert table["files without a row: unlisted.mp3"] == 1
