"""A brought model times the words of accepted texts, or finds among them those that are not what is said."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.config.settings import Settings
from catalog.states import AlignmentState, ClipState
from catalog.tables import Alignment, Clip, Transcript
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.recognisers import aligning_recognisers
from flows.workspace import Workspace, open_workspace
from tests.audio.brought import brought_files, sentences
from tests.flows.conftest import Coordinator, take_in

NAMES = ("te/te-01_001.mp3", "te/te-01_002.mp3")


@pytest.fixture(scope="module")
def home_of_texts(tmp_path_factory: pytest.TempPathFactory, configs: Path, examples: Path) -> Path:
    """A home with two sentences, of which the second was given the text of the first."""
    folder = tmp_path_factory.mktemp("texts")
    someone = Coordinator(folder / "inbox")
    someone.folder.mkdir()
    someone.brings_consent("te-01")
    someone.puts_examples(*NAMES)
    with open_workspace("demo", Settings(home=folder / "home", configs=configs, workers=1)) as workspace:
        take_in(workspace, someone.folder)
        with workspace.catalog.writing() as session:
            for clip in session.scalars(select(Clip)):
                clip.state = ClipState.ACCEPTED
                text = sentences(examples)[0].text
                session.add(
                    Transcript(
                        id=f"t-{clip.id}",
                        clip_id=clip.id,
                        version=1,
                        verbatim=text,
                        normalised=text,
                        origin="single",
                        guideline="te@1",
                        accepted_at=workspace.now(),
                    )
                )
    return folder / "home"


@pytest.fixture(params=["align", "check"])
def use(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def workspace(
    tmp_path: Path, configs: Path, home_of_texts: Path, examples: Path, use: str
) -> Iterator[Workspace]:
    own = tmp_path / "configs"
    shutil.copytree(configs, own)
    (own / "models").mkdir()
    brought_files(examples, own / "models")
    path = own / "projects" / "demo.yaml"
    lines = f"\nrecognisers:\n  te: {{onnx: models/te.onnx, vocabulary: models/te.json, uses: [{use}]}}\n"
    path.write_text(path.read_text("utf-8") + lines, "utf-8")
    shutil.copytree(home_of_texts, tmp_path / "home")
    with open_workspace("demo", Settings(home=tmp_path / "home", configs=own, workers=1)) as opened:
        yield opened


def test_a_brought_model_finds_the_text_that_is_not_what_is_said(workspace: Workspace, use: str):
    for batch in unaligned_clips(workspace):
        align_batch(workspace, batch)

    with workspace.catalog.reading() as session:
        found = session.scalars(select(Alignment).join(Clip).order_by(Clip.seconds)).all()
    assert {AlignmentState.ALIGNED, AlignmentState.LOW_SCORE} == {each.state for each in found}
    (wrong,) = [each for each in found if each.state is AlignmentState.LOW_SCORE]
    assert "recogniser hears something else" in wrong.detail
    named = "ctc@1:onnx:" if use == "align" else "dtw-espeak@1+onnx:"
    assert all(each.aligner.startswith(named) for each in found)
    assert all(each.words for each in found)


def test_aligning_again_does_nothing_until_the_model_changes(workspace: Workspace):
    for batch in unaligned_clips(workspace):
        align_batch(workspace, batch)

    assert unaligned_clips(workspace) == ()
    vocabulary = workspace.configs / "models" / "te.json"
    vocabulary.write_text(vocabulary.read_text("utf-8") + "\n", "utf-8")
    assert sum(len(batch.ids) for batch in unaligned_clips(workspace)) == 2


def test_texts_wait_for_a_model_that_is_not_there(workspace: Workspace):
    (workspace.configs / "models" / "te.onnx").unlink()

    assert unaligned_clips(workspace) == ()
    assert list(aligning_recognisers(workspace).missing) == ["te"]
    assert unaligned_clips(workspace) == (), "nothing was noted as done"
