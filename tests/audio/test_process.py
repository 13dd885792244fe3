"""The one pass: a recording to clips, measured, cleaned and written; and what bad files get."""

import csv
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
import pytest
import soundfile

from audio.decode import open_recording
from audio.errors import UnusableRecording
from audio.identity import clip_id, file_sha256
from audio.limits import Limits
from audio.mono import Mono16k
from audio.process import process_recording
from audio.reasons import AudioReason
from audio.recipe import Recipe, RenditionRules
from audio.sandbox import Sandbox
from tests.audio.mutants import mutants
from tests.audio.sounds import babble, encode, pcm

RECIPE = Recipe()
LIMITS = Limits()


@pytest.fixture(scope="module")
def session(examples, tmp_path_factory):
    """A minute of a field session of real speech, 44.1 kHz AAC."""
    with open_recording(examples / "recordings" / "te" / "te-01_session_1.m4a", LIMITS) as recording:
        sound = np.concatenate(list(islice(recording, 60)), axis=1)
        return encode(tmp_path_factory.mktemp("session") / "take.m4a", sound, recording.info.sample_rate)


@pytest.fixture(scope="module")
def processed(session, tmp_path_factory):
    return process_recording(session, tmp_path_factory.mktemp("clips"), RECIPE, LIMITS)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(workers=2) as opened:
        yield opened


def as_mono(path):
    with open_recording(path, LIMITS) as recording:
        mono = Mono16k(recording.info.sample_rate, recording.info.channels)
        return np.concatenate([*(mono.feed(block) for block in recording), mono.finish()])


def test_every_clip_is_the_originals_samples_between_its_ends(session, processed):
    whole = as_mono(session)

    assert len(processed.clips) > 10
    for clip in processed.clips:
        at_16k = clip.interval.at_rate(processed.info.sample_rate, 16_000)
        cut, rate = soundfile.read(clip.renditions[0].path, dtype="int16")
        assert rate == 16_000
        expected = np.clip(np.rint(whole[at_16k.start : at_16k.end] * 32768), -32768, 32767)
        assert np.array_equal(cut, expected)


def test_clips_lie_in_order_inside_the_recording_and_never_overlap(processed):
    ends = [0, *(clip.interval.end for clip in processed.clips)]

    assert all(clip.interval.start >= end for clip, end in zip(processed.clips, ends, strict=False))
    assert ends[-1] <= processed.summary.samples
    assert [clip.index for clip in processed.clips] == list(range(len(processed.clips)))


def test_every_clip_has_its_files_with_the_stated_bytes(processed):
    for clip in processed.clips:
        assert {rendition.kind for rendition in clip.renditions} == {"cut", "clean", "peaks", "preview"}
        for rendition in clip.renditions:
            assert file_sha256(rendition.path) == rendition.sha256
        cut, clean = (soundfile.info(str(rendition.path)).frames for rendition in clip.renditions[:2])
        assert cut == clean


def test_a_clips_name_follows_from_its_content(session, processed):
    clip = processed.clips[3]

    assert clip.id == clip_id(file_sha256(session), clip.interval.start, clip.interval.end, RECIPE.id)
    assert clip.renditions[0].path.name == f"{clip.id}.flac"


def test_all_speech_that_was_heard_is_in_a_clip(processed):
    rate = processed.info.sample_rate
    kept = np.zeros(processed.summary.samples * 16_000 // rate + 16_000, bool)
    for clip in processed.clips:
        at_16k = clip.interval.at_rate(rate, 16_000)
        kept[at_16k.start : at_16k.end] = True

    heard = sum(interval.length for interval in processed.speech)
    missed = sum(int((~kept[interval.start : interval.end]).sum()) for interval in processed.speech)

    assert missed < 0.005 * heard


def test_a_good_recording_has_no_reason_to_be_rejected(processed):
    assert not [finding for finding in processed.findings if finding.severity == "reject"]
    assert processed.measures.speech.speech_share > 0.3


def test_the_same_recording_in_a_child_process_gives_the_same_bytes(session, processed, sandbox, tmp_path):
    again = sandbox.run(process_recording, session, tmp_path, RECIPE, LIMITS, writes=tmp_path)

    def facts(result):
        return [
            (clip.id, clip.interval, [r.sha256 for r in clip.renditions], clip.measures)
            for clip in result.clips
        ]

    assert facts(again) == facts(processed)
    assert (again.measures, again.findings, again.summary) == (
        processed.measures,
        processed.findings,
        processed.summary,
    )


def test_memory_is_bounded_by_what_may_still_be_cut(processed, session):
    from audio.listen import Past, listen

    past, most = Past(), 0
    with open_recording(session, LIMITS) as recording:
        for heard in listen(recording, RECIPE):
            past.add(heard.mono)
            past.forget(heard.horizon)
            most = max(most, past.heard - heard.horizon)

    assert most < 90 * 16_000


@pytest.mark.parametrize(
    ("rate", "kind"), [(8_000, "wav"), (44_100, "m4a"), (96_000, "flac"), (8_000, "amr")]
)
def test_any_rate_keeps_whole_samples_of_the_original(session, tmp_path, rate, kind):
    speech = as_mono(session)[: 16_000 * 20]
    path = (
        encode(tmp_path / f"take.{kind}", speech, 16_000)
        if kind in ("amr", "m4a")
        else tmp_path / f"take.{kind}"
    )
    if kind in ("wav", "flac"):
        resampled = Mono16k(16_000, 1, out_rate=rate)
        pcm(path, np.concatenate([resampled.feed(speech[None]), resampled.finish()]), rate)

    result = process_recording(path, tmp_path, RECIPE, LIMITS)

    assert result.clips
    for clip in result.clips:
        frames = soundfile.info(str(clip.renditions[0].path)).frames
        assert abs(frames - clip.interval.at_rate(rate, 16_000).length) <= 1
        assert clip.interval.end <= result.summary.samples


def test_a_recipe_may_keep_cuts_at_48_khz(session, tmp_path):
    recipe = replace(RECIPE, name="studio", renditions=RenditionRules(sample_rate_hz=48_000))

    result = process_recording(session, tmp_path, recipe, LIMITS)

    clip = result.clips[1]
    cut, clean = (soundfile.info(str(rendition.path)) for rendition in clip.renditions[:2])
    assert (cut.samplerate, clean.samplerate) == (48_000, 16_000)
    assert cut.frames / 48_000 == pytest.approx(clean.frames / 16_000, abs=1e-4)


def test_a_recording_without_speech_has_no_clips_and_says_why(tmp_path):
    path = pcm(tmp_path / "hush.wav", 0.001 * np.random.default_rng(0).standard_normal(16_000 * 5), 16_000)

    result = process_recording(path, tmp_path, RECIPE, LIMITS)

    assert result.clips == ()
    assert AudioReason.NO_SPEECH in [finding.code for finding in result.findings]


def test_a_cut_off_recording_keeps_its_clips_and_is_warned_about(session, tmp_path):
    speech = as_mono(session)[: 16_000 * 30]
    path = pcm(tmp_path / "take.wav", speech, 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])

    result = process_recording(path, tmp_path, RECIPE, LIMITS)

    assert result.clips
    assert (AudioReason.TRUNCATED, "warn") in [
        (finding.code, finding.severity) for finding in result.findings
    ]


def test_less_than_half_of_what_was_promised_is_rejected(session, tmp_path):
    path = pcm(tmp_path / "take.wav", as_mono(session)[: 16_000 * 30], 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])

    result = process_recording(path, tmp_path, RECIPE, LIMITS)

    assert (AudioReason.TRUNCATED, "reject") in [
        (finding.code, finding.severity) for finding in result.findings
    ]


def test_what_turns_out_unusable_half_way_leaves_no_file(session, tmp_path):
    clips = tmp_path / "clips"
    clips.mkdir()
    limits = Limits(max_decoded_bytes=30 * 44_100 * 4)

    with pytest.raises(UnusableRecording):
        process_recording(session, clips, RECIPE, limits)

    assert list(clips.iterdir()) == []


@pytest.mark.slow
def test_damaged_copies_of_eight_formats_cost_nobody_anything(sandbox, tmp_path):
    sound = babble(2.0, 16_000)
    paths = []
    for kind in ("wav", "flac", "mp3", "m4a", "aac", "ogg", "webm", "amr", "3gp"):
        content = encode(tmp_path / f"good.{kind}", sound, 16_000).read_bytes()
        for number, mutant in enumerate(mutants(content, 24, seed=len(kind) + len(content))):
            path = tmp_path / f"{number}.{kind}"
            path.write_bytes(mutant)
            paths.append(path)
    out = tmp_path / "clips"
    out.mkdir()
    job = partial(process_recording, out_dir=out, recipe=RECIPE, limits=LIMITS)

    outcomes = list(sandbox.map(job, paths, writes=lambda _: tmp_path))

    assert len(outcomes) == len(paths) == 216
    assert all(outcome.error is None or isinstance(outcome.error, UnusableRecording) for outcome in outcomes)
    codes = {outcome.error.code for outcome in outcomes if outcome.error}
    assert AudioReason.CORRUPT in codes
    assert AudioReason.OVER_LIMIT not in codes


@pytest.mark.slow
def test_shared_formats_and_broken_files_each_get_clips_or_a_reason(shared_data, sandbox, tmp_path):
    paths = sorted([*(shared_data / "formats").iterdir(), *(shared_data / "broken").iterdir()])
    job = partial(process_recording, out_dir=tmp_path, recipe=RECIPE, limits=LIMITS)
    seconds = {
        row["path"]: float(row["seconds"])
        for row in csv.DictReader((shared_data / "MANIFEST.csv").open())
        if row["path"].startswith("formats/") and row["seconds"]
    }

    outcomes = {outcome.job: outcome for outcome in sandbox.map(job, paths, writes=lambda _: tmp_path)}

    assert len(outcomes) == len(paths)
    for name, stated in seconds.items():
        result = outcomes[shared_data / name].result()
        assert result.measures.source.duration == pytest.approx(stated, abs=0.002)
    for outcome in outcomes.values():
        assert outcome.error is None or isinstance(outcome.error, UnusableRecording), outcome
        assert outcome.error is None or outcome.error.code is not AudioReason.DECODER_CRASHED
