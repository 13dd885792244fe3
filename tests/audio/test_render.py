"""Files that are whole or absent, small where they should be, and the same bytes every time."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from audio.render import flac_bytes, preview_bytes, sound_file, to_int16, write_whole
from tests.audio.sounds import babble

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_sixteen_bit_cut_keeps_every_bit():
    whole = np.random.default_rng(3).integers(-32768, 32767, 50_001, dtype=np.int16)

    content = flac_bytes((whole / 32768).astype(np.float32), 16_000)

    found, rate = soundfile.read(io.BytesIO(content), dtype="int16")
    assert rate == 16_000
    assert np.array_equal(found, whole)


def test_what_is_over_full_scale_stays_at_full_scale():
    assert to_int16(np.array([1.5, -1.5, 1.0, -1.0], np.float32)).tolist() == [32767, -32768, 32767, -32768]


@pytest.mark.parametrize("ending", ["flac", "wav", "WAV"])
def test_a_long_file_is_written_in_blocks(tmp_path, ending):
    sound = babble(10, 16_000)

    with sound_file(tmp_path / f"out.{ending}", 16_000) as target:
        for start in range(0, len(sound), 7_777):
            target.write(sound[start : start + 7_777])

    found, _ = soundfile.read(tmp_path / f"out.{ending}", dtype="int16")
    assert np.array_equal(found, to_int16(sound))


def test_what_was_being_written_when_it_failed_is_not_there(tmp_path):
    with pytest.raises(KeyError), sound_file(tmp_path / "out.flac", 16_000) as target:
        target.write(babble(1, 16_000))
        raise KeyError

    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_whole_when_its_successor_fails(tmp_path):
    write_whole(tmp_path / "out.wav", b"older")

    with pytest.raises(KeyError), sound_file(tmp_path / "out.wav", 16_000):
        raise KeyError

    assert (tmp_path / "out.wav").read_bytes() == b"older"


def test_another_ending_is_refused_with_the_mend(tmp_path):
    with (
        pytest.raises(ValueError, match=r"\.flac or \.wav, given 'out\.mp3'"),
        sound_file(tmp_path / "out.mp3", 16_000),
    ):
        pass


def test_a_missing_folder_is_the_systems_error(tmp_path):
    with pytest.raises(OSError), sound_file(tmp_path / "absent" / "out.wav", 16_000):
        pass


def test_a_preview_is_small_aligned_and_plays(tmp_path):
    sound = babble(12, 16_000)

    content = preview_bytes([sound[:40_000], sound[40_000:]], 16_000, 16_000)

    assert len(content) * 8 / 12 < 20_000
    with av.open(io.BytesIO(content), "r") as played:
        assert played.streams.audio[0].codec_context.name == "opus"
        heard = np.concatenate([frame.to_ndarray()[0] for frame in played.decode(audio=0)])
    assert len(heard) / 48_000 == pytest.approx(12, abs=0.001)
    heard = heard[::3][: len(sound)]
    lags = [
        float(np.dot(heard[1000:-1000], np.roll(sound, lag)[1000 : len(heard) - 1000]))
        for lag in range(-64, 65)
    ]
    assert abs(int(np.argmax(lags)) - 64) <= 2


def test_a_preview_does_not_depend_on_how_it_was_fed():
    sound = babble(3, 16_000)

    assert preview_bytes([sound], 16_000, 16_000) == preview_bytes(np.array_split(sound, 17), 16_000, 16_000)


@pytest.mark.parametrize("bitrate", [500, 64_000])
def test_a_preview_for_another_line_is_refused(bitrate):
    with pytest.raises(ValueError, match="6000 to 32000"):
        preview_bytes([babble(1, 16_000)], 16_000, bitrate)


def test_another_process_makes_the_same_bytes():
    program = """
import hashlib
from audio.render import flac_bytes, preview_bytes
from tests.audio.sounds import babble
sound = babble(2, 16_000)
print(hashlib.sha256(flac_bytes(sound, 16_000) + preview_bytes([sound], 16_000, 16_000)).hexdigest())
"""
    sound = babble(2, 16_000)
    here = hashlib.sha256(flac_bytes(sound, 16_000) + preview_bytes([sound], 16_000, 16_000)).hexdigest()

    there = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert there.stdout.strip() == here
