"""What a reviewer marks in a reported clip is heard nowhere any more: not in its files, not in versions of before."""

import io
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from sqlalchemy import delete, select

from audio.detect.interface import RATE
from audio.redaction import TONE_LEVEL
from boli.life import life_of
from catalog.consent import withdraw
from catalog.erasure.objects import versions_of
from catalog.ids import content_id
from catalog.states import AlignmentState, ReportDecision, ReportKind, ReportState, Role
from catalog.tables import Alignment, Clip, ClipReport, SearchWord, Speaker, Task, Transcript
from flows.steps import mend as mending
from flows.steps.erase import erase_withdrawn
from flows.steps.mend import mend_reported
from flows.steps.project_context import open_project_context
from flows.steps.publish import publish_release
from flows.steps.segment import segment_batch, uncut_recordings
from flows.workspace import Workspace
from releases.verify import verify
from transcription.clip_reports.deciding import TAG, ReportVerdict, decide
from transcription.clip_reports.opening import open_report
from transcription.clip_reports.spans import MarkedSpan
from transcription.decisions.acceptance import accept
from transcription.people import add_person
from transcription.routing import route_clips
from transcription.second_look import open_reports

WORDS = "మా ఊరి చెరువు రహస్యం నిండింది"
SECRET = "రహస్యం".encode()
PLAIN = "పిల్లలు బడికి వెళ్ళారు"
MENDED = f"మా ఊరి చెరువు {TAG} నిండింది"
DATASET = "boli-demo"


@pytest.fixture
def written(accepted: Workspace) -> Workspace:
    """The project with every clip written down, and its words laid on the sound."""
    for batch in uncut_recordings(accepted):
        segment_batch(accepted, batch)
    context = open_project_context(accepted)
    route_clips(context, now=accepted.now())
    with accepted.catalog.writing() as session:
        tasks = session.scalars(select(Task).order_by(Task.clip_id)).all()
        for number, task in enumerate(tasks):
            accept(
                session,
                context,
                task,
                verbatim=PLAIN if number else WORDS,
                origin="agreement",
                submission_id=None,
                review_id=None,
                error=0.0,
                by="tests",
                now=accepted.now(),
            )
    align(accepted)
    return accepted


def align(workspace: Workspace) -> None:
    """Every newest text, as the flow would."""
    with workspace.catalog.writing() as session:
        for clip in session.scalars(select(Clip)).all():
            text = session.scalars(
                select(Transcript).where(Transcript.clip_id == clip.id).order_by(Transcript.version.desc())
            ).first()
            if text is None or session.scalar(select(Alignment.id).where(Alignment.transcript_id == text.id)):
                continue
            words = [word for word in text.normalised.split() if word != TAG]
            step = round(clip.seconds * RATE) // len(words)
            session.add(
                Alignment(
                    id=content_id("alignment", text.id),
                    clip_id=clip.id,
                    transcript_id=text.id,
                    aligner="t@1",
                    state=AlignmentState.ALIGNED,
                    score=0.9,
                    detail=None,
                    at=workspace.now(),
                    words=[
                        {"word": word, "start": n * step, "end": (n + 1) * step, "score": 0.9}
                        for n, word in enumerate(words)
                    ],
                )
            )


def reported(workspace: Workspace, decision: ReportVerdict) -> Clip:
    """The first clip, reported and decided on."""
    with workspace.catalog.writing() as session:
        clip = session.scalars(select(Clip).order_by(Clip.id).limit(1)).one()
        lead = add_person(
            session,
            "lead",
            project="demo",
            roles=[Role.REVIEWER],
            languages=["te"],
            by="tests",
            now=workspace.now(),
        )
        report = open_report(session, clip.id, ReportKind.PERSONAL, by="somebody", now=workspace.now())
    decide(open_project_context(workspace), report.id, decision, by=lead.id, now=workspace.now())
    return clip


def holds_secret(workspace: Workspace, key: str) -> bool:
    """Whether the word that was made unhearable stands in that object, also within a Parquet file's pages."""
    data = workspace.store.get_bytes(key, 2**26)
    if key.endswith(".parquet"):
        rows = pq.read_table(io.BytesIO(data)).drop_columns(["audio"]).to_pylist()
        data += repr(rows).encode()
    return SECRET in data


def sound(workspace: Workspace, key: str) -> np.ndarray:
    samples, _ = soundfile.read(io.BytesIO(workspace.store.get_bytes(key, 2**26)), dtype="float32")
    return samples


BLEEP = ReportVerdict(ReportDecision.BLEEP, (MarkedSpan(300, 700),), MENDED)


def test_a_marked_span_is_a_soft_tone_in_every_rendition_and_the_old_files_are_destroyed(written: Workspace):
    before = reported(written, BLEEP)
    was = sound(written, before.cut_key)

    report = mend_reported(written)

    assert report.mended == (before.id,) and mend_reported(written).mended == ()
    with written.catalog.reading() as session:
        clip = session.get_one(Clip, before.id)
        assert session.scalars(select(ClipReport.state)).one() is ReportState.DONE
        texts = session.scalars(
            select(Transcript.verbatim).where(Transcript.clip_id == clip.id).order_by(Transcript.version)
        ).all()
    now = sound(written, clip.cut_key)
    rate = round(len(was) / before.seconds)
    first, last = 300 * rate // 1000, 700 * rate // 1000
    assert len(now) == len(was) and texts == [WORDS, MENDED]
    assert abs(now[first:last]).max() <= TONE_LEVEL + 1e-3 < abs(was[first:last]).max()
    assert np.array_equal(now[:first], was[:first]) and np.array_equal(now[last:], was[last:])
    assert abs(sound(written, clip.clean_key)[300 * 16 : 700 * 16]).max() <= TONE_LEVEL + 1e-3
    assert written.store.exists(clip.preview_key) and written.store.exists(clip.peaks_key)
    for key in (before.cut_key, before.clean_key, before.preview_key, before.peaks_key):
        assert versions_of(written.store, key) == []


def test_explain_says_what_a_reported_clip_waits_for_and_shows_no_withheld_words(written: Workspace):
    def explained() -> str:
        with written.catalog.reading() as session:
            life = life_of(session, written.store, clip.id, project="demo")
        assert life is not None
        return "\n".join(f"{fact.name}: {fact.value}" for fact in life.facts)

    clip = reported(written, BLEEP)
    before = explained()
    mend_reported(written)
    after = explained()

    assert "report by somebody: decided: personal_information; hidden from everybody" in before
    assert "waits for the next run to mend its sound, bleep by lead" in before
    assert "hidden" not in after and "report by somebody: done" in after
    assert WORDS not in before + after and MENDED in after.replace("  ", " ")


def test_a_clip_is_trimmed_to_the_span_that_is_kept_and_its_interval_says_so(written: Workspace):
    before = reported(written, ReportVerdict(ReportDecision.TRIM, (MarkedSpan(0, 600),), "మా ఊరి"))
    was = sound(written, before.cut_key)

    mend_reported(written)

    with written.catalog.reading() as session:
        clip = session.get_one(Clip, before.id)
    now = sound(written, clip.cut_key)
    assert np.array_equal(now, was[: len(now)])
    assert (
        clip.seconds == pytest.approx(0.6, abs=0.001) and clip.start == before.start < clip.end < before.end
    )


def test_a_mend_that_is_killed_between_the_files_and_the_rows_is_finished_by_the_next_run(
    written: Workspace, monkeypatch: pytest.MonkeyPatch
):
    before = reported(written, BLEEP)

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mending, "versions_of", killed)
    with pytest.raises(KeyboardInterrupt):
        mend_reported(written)
    monkeypatch.undo()

    assert mend_reported(written).mended == (before.id,)
    assert versions_of(written.store, before.cut_key) == []
    with written.catalog.reading() as session:
        assert len(session.scalars(select(Transcript).where(Transcript.clip_id == before.id)).all()) == 2


def test_past_versions_lose_the_clip_as_it_was_and_the_next_has_it_mended(written: Workspace):
    first = publish_release(written)
    assert first.outcome == "published"
    assert any(holds_secret(written, each.key) for each in written.store.list("datasets/"))
    reported(written, BLEEP)
    assert publish_release(written).clips == first.clips - 1  # held back while it is with the reviewer

    mend_reported(written)
    erased = erase_withdrawn(written)
    align(written)
    last = publish_release(written)

    assert last.clips == first.clips
    assert dict(erased.versions[0].rows)[str(first.version)] == 1
    for version in (str(first.version), str(last.version)):
        assert verify(written.store, DATASET, version).ok
    assert erase_withdrawn(written).is_empty
    assert [each.key for each in written.store.list("datasets/") if holds_secret(written, each.key)] == []


def accepted_again(workspace: Workspace, clip: Clip, words: str) -> None:
    """What others had written of the clip before is accepted now."""
    with workspace.catalog.writing() as session:
        task = session.scalars(select(Task).where(Task.clip_id == clip.id)).one()
        accept(
            session,
            open_project_context(workspace),
            task,
            verbatim=words,
            origin="agreement",
            submission_id=None,
            review_id=None,
            error=0.0,
            by="tests",
            now=workspace.now(),
        )


def test_a_text_that_is_accepted_between_the_decision_and_the_mend_carries_no_word_out(written: Workspace):
    clip = reported(written, BLEEP)

    accepted_again(written, clip, f"{WORDS} నిన్న")
    with written.catalog.reading() as session:
        found = select(SearchWord.word).where(SearchWord.subject_id == clip.id)
        assert session.scalars(found).all() == []
    mend_reported(written)
    align(written)
    publish_release(written)

    with written.catalog.reading() as session:
        assert SECRET.decode() not in session.scalars(found).all()
        texts = session.execute(
            select(Transcript.verbatim, Transcript.withheld_at.is_(None))
            .where(Transcript.clip_id == clip.id)
            .order_by(Transcript.version)
        ).all()
    assert [tuple(text) for text in texts] == [
        (WORDS, False),
        (f"{WORDS} నిన్న", False),
        (MENDED, True),
    ]
    assert [each.key for each in written.store.list("datasets/") if holds_secret(written, each.key)] == []


def test_a_first_text_that_is_accepted_meanwhile_waits_for_a_reviewer_who_hears_the_new_sound(
    written: Workspace,
):
    with written.catalog.writing() as session:  # nobody had written it down when it was decided on
        first = session.scalars(select(Clip).order_by(Clip.id).limit(1)).one()
        session.execute(delete(Alignment).where(Alignment.clip_id == first.id))
        session.execute(delete(Transcript).where(Transcript.clip_id == first.id))
    clip = reported(written, replace(BLEEP, text=""))
    accepted_again(written, clip, WORDS)

    mend_reported(written)
    align(written)
    publish_release(written)

    with written.catalog.reading() as session:
        assert session.scalars(open_reports("demo")).all() == [clip.id]
    assert [each.key for each in written.store.list("datasets/") if holds_secret(written, each.key)] == []


def test_a_voice_that_is_withdrawn_takes_its_reports_along(written: Workspace):
    before = reported(written, BLEEP)
    with written.catalog.writing() as session:
        for speaker in session.scalars(select(Speaker)).all():
            withdraw(session, speaker_id=speaker.id, recorded_by="tests", at=written.now())

    assert mend_reported(written).given_up == (before.id,)
    erase_withdrawn(written)

    with written.catalog.reading() as session:
        report = session.scalars(select(ClipReport)).one()
    assert (report.state, report.mended_text, report.note) == (ReportState.DONE, None, "")
    assert list(written.store.list("clips/")) == []


def test_a_dataset_that_the_projects_file_no_longer_names_loses_a_withdrawn_voice_too(written: Workspace):
    publish_release(written)
    renamed = replace(written.project.release, name="renamed")
    workspace = replace(written, project=replace(written.project, release=renamed))
    with workspace.catalog.writing() as session:
        for speaker in session.scalars(select(Speaker)).all():
            withdraw(session, speaker_id=speaker.id, recorded_by="tests", at=workspace.now())

    erased = erase_withdrawn(workspace)

    assert [each.dataset for each in erased.versions if each.rows] == [DATASET]
    assert list(workspace.store.list(f"datasets/{DATASET}/parts/")) == []
    assert [each.key for each in workspace.store.list("datasets/") if holds_secret(workspace, each.key)] == []
