"""Steps on one file: what `boli segment`, `measure` and `clean` do."""

import dataclasses
import json
from itertools import islice

import numpy as np
import pytest
import soundfile

from audio.decode import open_recording
from audio.errors import UnusableRecording
from audio.files import clean_file, measure_file, segment_file
from audio.limits import Limits
from audio.loudness import loudness
from audio.process import process_recording
from audio.reasons import AudioReason
from audio.recipe import Recipe
from tests.audio.sounds import encode, pcm, tone

RECIPE = Recipe()
LIMITS = Limits()


@pytest.fixture(scope="module")
def session(examples, tmp_path_factory):
    """The first forty seconds of a real session, as a phone's M4A."""
    with open_recording(examples / "recordings" / "te" / "te-01_session_1.m4a", LIMITS) as recording:
        sound = np.concatenate(list(islice(recording, 40)), axis=1)
        return encode(tmp_path_factory.mktemp("session") / "take.m4a", sound, recording.info.sample_rate)


def test_segments_are_the_clips_that_would_be_cut(session, tmp_path):
    found = segment_file(session, RECIPE, LIMITS)

    clips = process_recording(session, tmp_path, RECIPE, LIMITS)
    rate = clips.info.sample_rate
    assert [round(span.start * rate) for span in found.segments] == [
        clip.interval.start for clip in clips.clips
    ]
    assert found.duration == pytest.approx(clips.summary.samples / rate)
    assert found.engine == "default"


def test_speech_comes_in_order_inside_the_file_without_touching_pieces(session):
    found = segment_file(session, RECIPE, LIMITS)

    ends = [-1.0, *(span.end for span in found.speech)]
    assert all(span.start > end for span, end in zip(found.speech, ends, strict=False))
    assert ends[-1] <= found.duration + 1e-4


def test_results_are_the_public_json(session):
    segmented = json.loads(json.dumps(dataclasses.asdict(segment_file(session, RECIPE, LIMITS))))
    measured = json.loads(json.dumps(dataclasses.asdict(measure_file(session, RECIPE, LIMITS))))

    assert set(segmented) == {"file", "duration", "engine", "speech", "segments"}
    assert set(segmented["speech"][0]) == {"start", "end"}
    public = {
        "file",
        "codec",
        "sample_rate",
        "channels",
        "duration",
        "snr_db",
        "clipped_share",
        "loudness_lufs",
    }
    assert public | {"speech_share", "bandwidth_hz", "reasons"} <= set(measured)
    assert (measured["codec"], measured["sample_rate"], measured["channels"]) == ("aac", 44_100, 1)


def test_reasons_are_codes_without_doubles(tmp_path):
    path = pcm(tmp_path / "hum.wav", np.zeros(16_000 * 3, np.float32), 16_000)

    reasons = measure_file(path, RECIPE, LIMITS).reasons

    assert "no_speech" in reasons
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_a_cleaned_file_is_as_long_as_its_original_at_the_recipes_loudness(session, tmp_path, ending):
    out = tmp_path / f"clean.{ending}"

    result = clean_file(session, out, RECIPE, LIMITS)

    sound, rate = soundfile.read(out, dtype="float32")
    assert rate == 16_000
    assert len(sound) / 16_000 == pytest.approx(segment_file(session, RECIPE, LIMITS).duration, abs=1e-4)
    assert result.duration == len(sound) / 16_000
    limit = 10 ** (RECIPE.cleaning.true_peak_dbtp / 20)
    assert np.abs(sound).max() <= limit + 1 / 32768
    assert loudness(sound, 16_000) <= RECIPE.cleaning.loudness_lufs + 0.3


def test_pieces_of_a_cleaned_file_join_without_a_seam(tmp_path):
    path = pcm(
        tmp_path / "tone.wav", tone(40, 16_000, hertz=330, amplitude=0.1), 16_000
    )  # no harmonic of a mains

    clean_file(path, tmp_path / "clean.wav", RECIPE, LIMITS)

    sound, _ = soundfile.read(tmp_path / "clean.wav")
    steps = np.abs(np.diff(sound))
    for seam in (15 * 16_000, 30 * 16_000):
        assert steps[seam - 4_000 : seam + 12_000].max() <= 1.2 * steps[5 * 16_000 : 10 * 16_000].max()


@pytest.mark.parametrize("step", [segment_file, measure_file])
def test_an_unusable_file_has_a_code_and_a_sentence(tmp_path, step):
    (tmp_path / "take.wav").write_text("ffconcat version 1.0\nfile secret.wav\n")

    with pytest.raises(UnusableRecording, match="playlist") as caught:
        step(tmp_path / "take.wav", RECIPE, LIMITS)

    assert caught.value.code is AudioReason.REFUSED_FORMAT
