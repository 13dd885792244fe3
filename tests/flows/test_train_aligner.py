"""A language's accepted clips teach it an aligner: learnt with consent, used once it is better, gone with a voice."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import consent, legal_hold
from catalog.config.settings import Settings
from catalog.erasure.remains import remains
from catalog.ids import content_id
from catalog.speakers import speaker_id_of
from catalog.states import ClipState, ReportKind
from catalog.tables import AlignerModel, AlignerVoice, Alignment, Clip, Recording, Speaker, Transcript, Upload
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.aligners import CORPUS, REFERENCE, aligners_in_use, aligners_of
from flows.steps.erase import erase_withdrawn
from flows.steps.train_aligner import train_aligner
from flows.workspace import Workspace, open_workspace
from tests.flows.conftest import Coordinator, take_in
from transcription.clip_reports.opening import SCAN, open_report

SPEAKERS = ("sw-01", "sw-02")
ENOUGH = 60.0
"""Seconds of speech that these tests take for ten minutes."""


@pytest.fixture(scope="module")
def mboshi(shared_data: Path) -> Path:
    return shared_data / "aligned" / "mdw_mboshi"


@pytest.fixture(scope="module")
def accepted_texts(tmp_path_factory: pytest.TempPathFactory, configs: Path, mboshi: Path) -> Path:
    """A home where two minutes of Mboshi, as the project's Swahili, are accepted and timed by the reference aligner."""
    folder = tmp_path_factory.mktemp("accepted texts")
    someone = Coordinator(folder / "inbox")
    someone.folder.mkdir()
    for speaker in SPEAKERS:
        someone.brings_consent(speaker)
    for number, path in enumerate(sorted(mboshi.glob("*.wav"))):
        someone.puts(f"sw/{path.name}", path, language="sw", speaker=SPEAKERS[number % 4 == 0])
    with open_workspace("demo", Settings(home=folder / "home", configs=configs, workers=1)) as workspace:
        take_in(workspace, someone.folder)
        accept_all(workspace, mboshi)
        align_all(workspace)
    return folder / "home"


@pytest.fixture
def field(settings: Settings, accepted_texts: Path) -> Iterator[Workspace]:
    shutil.copytree(accepted_texts, settings.home)
    with open_workspace("demo", settings) as opened:
        yield opened


def test_too_little_speech_teaches_nothing_and_leaves_no_trace(field: Workspace):
    report = train_aligner(field, "sw")

    assert (report.chosen, report.reason) == (False, "too_little")
    assert models(field) == []
    assert not list(field.store.list("aligners/"))


def test_a_chosen_model_is_kept_with_its_figures_and_its_voices(field: Workspace):
    report = train_aligner(field, "sw", fewest_seconds=ENOUGH)

    (model,) = models(field)
    assert report.chosen, report
    assert model.figures["told_apart"] == report.told_apart
    assert [stored.key for stored in field.store.list("aligners/")] == [model.key]
    with field.catalog.reading() as session:
        voices = set(
            session.scalars(select(AlignerVoice.speaker_id).where(AlignerVoice.model_id == model.id))
        )
    assert voices == {speaker_id_of("demo", "sw-01"), speaker_id_of("demo", "sw-02")}


def test_learning_again_does_nothing_until_there_is_more(field: Workspace):
    train_aligner(field, "sw", fewest_seconds=ENOUGH)

    again = train_aligner(field, "sw", fewest_seconds=ENOUGH)

    assert (again.chosen, again.reason) == (True, "nothing_new")
    assert len(models(field)) == 1


def test_a_new_model_times_the_clips_of_its_language_once(field: Workspace):
    train_aligner(field, "sw", fewest_seconds=ENOUGH)

    first = align_all(field)
    second = align_all(field)

    with field.catalog.reading() as session:
        names = [name.split()[0].split(":")[0] for name in session.scalars(select(Alignment.aligner))]
    assert first == names.count(REFERENCE) == names.count(CORPUS) > 10
    assert second == 0


def test_a_model_of_a_withdrawn_voice_that_a_legal_hold_keeps_is_used_no_more(field: Workspace):
    train_aligner(field, "sw", fewest_seconds=ENOUGH)
    gone = speaker_id_of("demo", "sw-02")
    with field.catalog.writing() as session:
        order = legal_hold.HoldOrder("High Court", "case 12")
        legal_hold.place(session, order, project_id="demo", speaker_id=gone, by="m", at=field.now())
        consent.withdraw(session, speaker_id=gone, recorded_by="asha", at=field.now())
    erase_withdrawn(field)

    assert len(list(field.store.list("aligners/"))) == 1
    with field.catalog.reading() as session:
        assert not aligners_of(session, "demo")
        left = {each.what: each for each in remains(session, session.get_one(Speaker, gone), at=field.now())}
    assert "High Court" in left["aligner models"].why and not left["aligner models"].is_due


def test_nothing_is_learnt_from_clips_that_a_report_hides(field: Workspace):
    with field.catalog.writing() as session:
        for clip_id in session.scalars(select(Clip.id)).all():
            open_report(session, clip_id, ReportKind.PERSONAL, by=SCAN, now=field.now())

    assert train_aligner(field, "sw", fewest_seconds=ENOUGH).clips == 0


def test_a_withdrawn_voice_takes_the_model_with_it_and_the_next_is_learnt_without(field: Workspace):
    train_aligner(field, "sw", fewest_seconds=ENOUGH)
    align_all(field)
    gone, stays = speaker_id_of("demo", "sw-02"), speaker_id_of("demo", "sw-01")

    with field.catalog.writing() as session:
        consent.withdraw(session, speaker_id=gone, recorded_by="asha", at=field.now())
    erase_withdrawn(field)

    assert not list(field.store.list("aligners/"))
    with field.catalog.reading() as session:
        assert not aligners_of(session, "demo")
        assert [each.aligner for each in aligners_in_use(session, "demo", ["sw"])] == [REFERENCE]
    assert align_all(field) == 0, "what the model had timed of others stands"
    train_aligner(field, "sw", fewest_seconds=ENOUGH / 3)
    first, second = models(field)
    assert first.erased_at is not None
    assert second.clips < first.clips
    with field.catalog.reading() as session:
        voices = set(
            session.scalars(select(AlignerVoice.speaker_id).where(AlignerVoice.model_id == second.id))
        )
    assert voices <= {stays}


def test_a_text_of_another_clip_is_held_back_with_the_place_marked(field: Workspace):
    train_aligner(field, "sw", fewest_seconds=ENOUGH)
    with field.catalog.writing() as session:
        first, second = session.scalars(
            select(Transcript)
            .join(Clip, Clip.id == Transcript.clip_id)
            .order_by(Clip.seconds.desc())
            .limit(2)
        )
        first.normalised, second.normalised = second.normalised, first.normalised
        swapped = {first.clip_id, second.clip_id}

    align_all(field)

    with field.catalog.reading() as session:
        marked = session.execute(
            select(Alignment.clip_id, Alignment.detail).where(
                Alignment.state.in_(("low_score", "failed")), Alignment.aligner.startswith(CORPUS)
            )
        ).all()
    assert swapped <= {row.clip_id for row in marked}
    assert all("something else is said" in (row.detail or "") for row in marked if row.clip_id in swapped)


def accept_all(workspace: Workspace, truth: Path) -> None:
    """Every clip whose words are known is accepted with them, as if people had written them."""
    with workspace.catalog.writing() as session:
        rows = session.execute(
            select(Clip, Upload.name, Recording.sample_rate)
            .join(Recording, Recording.id == Clip.recording_id)
            .join(Upload, Upload.id == Recording.upload_id)
        ).all()
        for clip, name, rate in rows:
            start, end = clip.start / rate, clip.end / rate
            path = truth / Path(name).name.replace(".wav", ".words.json")
            words = json.loads(path.read_text(encoding="utf-8"))["words"]
            text = " ".join(
                word["word"] for word in words if start <= (word["start"] + word["end"]) / 2 < end
            )
            if not text or clip.state is ClipState.REJECTED:
                continue
            clip.state = ClipState.ACCEPTED
            session.add(
                Transcript(
                    id=content_id("transcript", clip.id, 1),
                    clip_id=clip.id,
                    version=1,
                    verbatim=text,
                    normalised=text,
                    origin="agreement",
                    submission_id=None,
                    review_id=None,
                    cer=0.0,
                    guideline="sw@v1",
                    accepted_at=workspace.now(),
                )
            )


def align_all(workspace: Workspace) -> int:
    """How many clips were timed."""
    batches = unaligned_clips(workspace)
    for batch in batches:
        align_batch(workspace, batch)
    return sum(len(batch.ids) for batch in batches)


def models(workspace: Workspace) -> list[AlignerModel]:
    with workspace.catalog.reading() as session:
        return list(session.scalars(select(AlignerModel).order_by(AlignerModel.learnt_at)))
