"""A model's texts are put before people to be corrected: chosen, heard in confined children, and next in the queue."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.config.recognisers import Recogniser
from catalog.config.settings import Settings
from catalog.errors import UserError
from catalog.states import ChosenBy, Role, TaskState
from catalog.tables import Correction, MachineDraft, Task
from flows.steps.correct_model import CorrectionReport, CorrectionRequest, correct_model, plan_correction
from flows.steps.project_context import open_project_context
from flows.steps.recognisers import RecogniserMissing
from flows.workspace import Workspace, open_workspace
from tests.audio.brought import brought_files
from tests.audio.brought_features import model
from transcription.people import add_person
from transcription.queue import claim_many

DESCRIBED = "hop_ms: 20.0\nmels: 40\nlog_guard: 0.001\n"


@pytest.fixture
def workspace(tmp_path: Path, configs: Path, home_of_clips: Path) -> Iterator[Workspace]:
    """Three clips wait, in a project that names no recogniser and shows no drafts."""
    shutil.copytree(home_of_clips, tmp_path / "home")
    with open_workspace("demo", Settings(home=tmp_path / "home", configs=configs, workers=1)) as opened:
        yield opened


@pytest.fixture
def brought(tmp_path: Path, examples: Path) -> Recogniser:
    (tmp_path / "models").mkdir()
    files = brought_files(examples, tmp_path / "models")
    return Recogniser(onnx=files.onnx.as_uri(), vocabulary=files.vocabulary.as_uri())


def request(brought: Recogniser, chosen_by: ChosenBy = ChosenBy.CHANCE, **more) -> CorrectionRequest:
    wanted = {"count": 2, **more}
    return CorrectionRequest(
        language="te", recogniser=brought, chosen_by=chosen_by, actor="operator", **wanted
    )


def correct(workspace: Workspace, wanted: CorrectionRequest) -> CorrectionReport:
    return correct_model(workspace, plan_correction(workspace, wanted))


def read(workspace: Workspace, *columns):
    with workspace.catalog.reading() as session:
        return session.execute(select(*columns)).all()


def test_a_plan_says_what_would_be_heard_and_changes_nothing(workspace: Workspace, brought: Recogniser):
    plan = plan_correction(workspace, request(brought))

    assert (plan.before, plan.missing, len(plan.clips), len(plan.to_hear)) == (0, 2, 2, 2)
    assert read(workspace, Correction.id) == read(workspace, MachineDraft.id) == []


def test_chosen_clips_are_heard_and_stand_before_the_others_with_what_the_model_heard(
    workspace: Workspace, brought: Recogniser
):
    report = correct(workspace, request(brought))

    assert (report.before, report.asked, report.heard, report.failed) == (0, {"waiting": 2}, 2, ())
    with workspace.catalog.writing() as session:
        asha = add_person(
            session,
            "asha",
            project="demo",
            roles=[Role.TRANSCRIBER],
            languages=["te"],
            by="tests",
            now=workspace.now(),
        )
    leases = claim_many(open_project_context(workspace), asha.id, 3, now=workspace.now())
    chosen = {row.clip_id for row in read(workspace, Correction.clip_id)}
    heard = {row.clip_id: row.text for row in read(workspace, MachineDraft.clip_id, MachineDraft.text)}
    assert {each.clip_id for each in leases[:2]} == chosen == heard.keys()
    assert all(each.machine_draft in (heard[each.clip_id], None) for each in leases[:2])
    assert leases[2].machine_draft is None


def test_the_same_again_does_nothing_and_a_larger_number_chooses_the_rest(
    workspace: Workspace, brought: Recogniser
):
    correct(workspace, request(brought))

    again = correct(workspace, request(brought))
    more = correct(workspace, request(brought, count=3))

    assert (again.before, again.asked, again.heard) == (2, {}, 0)
    assert (more.before, more.asked, more.heard) == (2, {"waiting": 1}, 1)


def test_what_was_heard_before_a_stop_is_not_heard_again(workspace: Workspace, brought: Recogniser):
    def stop(done: int, total: int, label: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        correct_model(workspace, plan_correction(workspace, request(brought)), stop)

    report = correct(workspace, request(brought))

    assert (report.before, report.asked, report.heard) == (0, {"waiting": 2}, 1)


def test_the_clip_that_the_model_is_least_sure_of_is_chosen_among_those_it_heard(
    workspace: Workspace, brought: Recogniser
):
    report = correct(workspace, request(brought, ChosenBy.LEAST_SURE, count=1, among=3))

    sure = {
        row.clip_id: row.confidence for row in read(workspace, MachineDraft.clip_id, MachineDraft.confidence)
    }
    assert (report.heard, report.asked) == (3, {"waiting": 1})
    assert [row.clip_id for row in read(workspace, Correction.clip_id)] == [min(sure, key=sure.__getitem__)]


def test_an_accepted_clip_is_heard_and_makes_no_new_task(workspace: Workspace, brought: Recogniser):
    with workspace.catalog.writing() as session:
        for task in session.scalars(select(Task)):
            task.state = TaskState.ACCEPTED
    tasks = read(workspace, Task.id, Task.priority)

    report = correct(workspace, request(brought, count=3))
    waiting_only = correct(workspace, request(brought, count=6, stages=frozenset(["waiting"])))

    assert report.asked == {"written": 3}
    assert waiting_only.asked == {}
    assert read(workspace, Task.id, Task.priority) == tasks


def test_a_model_of_features_is_heard_by_its_description_and_another_description_is_another_model(
    workspace: Workspace, tmp_path: Path, examples: Path
):
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / "te.onnx").write_bytes(model(examples).onnx)
    (folder / "tokens.txt").write_bytes(model(examples).vocabulary)
    (folder / "te.yaml").write_text(DESCRIBED, "utf-8")
    named = Recogniser(
        onnx=(folder / "te.onnx").as_uri(),
        vocabulary=(folder / "tokens.txt").as_uri(),
        features=(folder / "te.yaml").as_uri(),
    )

    report = correct(workspace, request(named))
    (folder / "te.yaml").write_text(DESCRIBED + "pre_emphasis: 0.9\n", "utf-8")
    anew = plan_correction(workspace, request(named))

    assert (report.heard, report.unheard) == (2, 0)
    assert all(row.text for row in read(workspace, MachineDraft.text))
    assert (anew.before, anew.draw.model == report.model) == (0, False)


def test_a_wrong_description_is_told_with_its_line_and_nothing_is_heard(
    workspace: Workspace, brought: Recogniser, tmp_path: Path
):
    (tmp_path / "models" / "te.yaml").write_text("hop_ms: 20.0\nmel: 40\n", "utf-8")
    named = replace(brought, features=(tmp_path / "models" / "te.yaml").as_uri())

    with pytest.raises(RecogniserMissing, match=r"te\.yaml:2: mel"):
        plan_correction(workspace, request(named))


def test_a_service_that_says_not_how_sure_it_is_can_be_corrected_by_chance_only(workspace: Workspace):
    with pytest.raises(UserError, match="--by chance"):
        plan_correction(workspace, request(Recogniser(service="tiny"), ChosenBy.LEAST_SURE))


def test_a_file_that_is_no_model_chooses_nothing_and_says_why(
    workspace: Workspace, brought: Recogniser, tmp_path: Path
):
    (tmp_path / "models" / "te.onnx").write_bytes(b"not a model")

    report = correct(workspace, request(brought))

    assert (report.asked, report.heard, report.unheard) == ({}, 0, 2)
    assert "no model in ONNX" in str(report.fault)
