"""No sound is lost behind a good verdict: all of it is heard, or the file says how much could not be."""

import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.decode import open_recording
from audio.examine import examine
from audio.files import measure_file
from audio.layout import FilePart, PartReader, layout_of
from audio.limits import Limits
from audio.opened import open_input
from audio.process import process_recording
from audio.reasons import AudioReason
from audio.recipe import Recipe
from audio.sandbox import Sandbox
from tests.audio.odd_files import TOLD, WHOLE, hot, made, stale, two_tracks

LIMITS = Limits()
HEADS = (
    b"RIFF\0\0\0\0WAVEfmt ",
    b"FORM\0\0\0\0AIFF",
    b"caff\0\1\0\0desc",
    b"\0\0\0\x10ftypM4A ",
    b"OggS\0\2",
    b"fLaC\0\0\0\x22",
    b"#!AMR\n",
    b".snd\0\0\0\x18\0\0\0\x05\0\0\0\3\0\0\x3e\x80\0\0\0\1",
    b"NIST_1A\n   1024\nsample_count -i 9\nsample_n_bytes -i 2\nend_head\n",
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
    b"ID3\3\0\0\0\0\0\5",
    b"\xff\xfb\x90\x64",
    b"",
)
CASES = {  # of the shared folder: seconds that must be heard
    "iphone_like_both_default.mov": 26.9,
    "joined_mono_stereo.mp3": 8.5,
    "sizes_of_first_5s.wav": 26.9,
    "chain_rates.ogg": 14.7,
    "edit_duration_0.m4a": 26.9,
    "zero_tail.amr": 4.8,
    "float_hot.wav": 4.25,
}


def seconds(found):
    return found.summary.samples / found.info.sample_rate


@pytest.mark.parametrize("name", WHOLE)
def test_all_sound_of_a_joined_or_unfinished_file_is_heard(tmp_path, name):
    content, spoken = WHOLE[name]()
    path = tmp_path / "take"
    path.write_bytes(content)

    found = examine(path, LIMITS)

    assert seconds(found) == pytest.approx(spoken, abs=0.25)


@pytest.mark.parametrize("name", TOLD)
def test_a_file_cut_off_gives_what_is_there_and_says_that_more_was_promised(tmp_path, name):
    content, spoken = TOLD[name]()
    path = tmp_path / "take"
    path.write_bytes(content)

    found = examine(path, LIMITS)

    assert seconds(found) == pytest.approx(spoken, abs=0.25)
    assert found.summary.truncated


@pytest.mark.parametrize("name", CASES)
def test_small_inputs_that_failed_in_the_field_give_all_their_sound(shared_data, name):
    assert seconds(examine(shared_data / "cases" / name, LIMITS)) == pytest.approx(CASES[name], abs=0.1)


def test_the_sound_of_a_stale_file_is_the_sound_that_was_recorded(tmp_path):
    (tmp_path / "stale.wav").write_bytes(stale("wav", 2.0)[0])
    (tmp_path / "whole.wav").write_bytes(made("wav", 8.0))

    unfinished, whole = (examine(tmp_path / name, LIMITS) for name in ("stale.wav", "whole.wav"))

    assert unfinished.sound_sha256 == whole.sound_sha256


@pytest.mark.parametrize(
    "tail", [b"\0" * 200_000, np.random.default_rng(1).bytes(200_000)], ids=["zeros", "noise"]
)
@pytest.mark.parametrize("kind", ["wav", "amr", "mp3", "flac", "m4a", "ogg", "au", "sph", "wma"])
def test_a_tail_that_is_no_sound_adds_none_and_is_told(tmp_path, kind, tail):
    rate = {"amr": 8_000, "ogg": 48_000}.get(kind, 16_000 if kind in ("wav", "flac", "au", "sph") else 44_100)
    path = tmp_path / "take"
    path.write_bytes(made(kind, 4.0, rate=rate) + (tail if kind != "amr" else bytes(len(tail))))

    found = measure_file(path, Recipe(), LIMITS)

    assert found.duration == pytest.approx(4.0, abs=0.25)
    assert found.measures.file.unread_bytes == pytest.approx(len(tail), rel=0.05)
    assert AudioReason.UNREAD in found.reasons


@pytest.mark.parametrize("muxer", ["3gp", "mkv"])
def test_a_second_track_is_not_used_and_its_seconds_are_unread(tmp_path, muxer):
    path = tmp_path / "take"
    path.write_bytes(two_tracks(8.0, 8.0, muxer)[0])

    found = measure_file(path, Recipe(), LIMITS)

    assert found.duration == pytest.approx(8.0, abs=0.1)
    assert found.measures.file.unread_seconds == pytest.approx(8.0, abs=0.1)
    assert AudioReason.UNREAD in found.reasons


@pytest.mark.parametrize(
    ("peak", "subtype", "kind"),
    [
        (3.0, "FLOAT", "wav"),
        (3.0, "DOUBLE", "wav"),
        (20_000.0, "FLOAT", "wav"),
        (3.0, "FLOAT", "caf"),
        (3.0, "FLOAT", "aiff"),
    ],
)
def test_floats_beyond_full_scale_are_brought_down_and_not_cut_off(examples, tmp_path, peak, subtype, kind):
    path = tmp_path / "hot.wav"
    with open_recording(examples / "recordings" / "te" / "te-01_001.mp3", LIMITS) as recording:
        speech, rate = np.concatenate(list(recording), axis=1), recording.info.sample_rate
    path.write_bytes(hot(speech, rate, peak, subtype, kind))

    done = process_recording(path, tmp_path, Recipe(), LIMITS)

    found = [
        finding.code for finding in (*done.findings, *(each for clip in done.clips for each in clip.findings))
    ]
    assert not {AudioReason.CLIPPED, AudioReason.CLIP_CLIPPED} & set(found)
    assert done.clips
    for clip in done.clips:
        cut = next(each for each in clip.renditions if each.kind == "cut")
        with open_recording(cut.path, LIMITS) as recording:
            samples = np.abs(np.concatenate(list(recording), axis=1))
        assert np.count_nonzero(samples >= 0.999) < 5


def test_a_plain_file_is_left_as_it_is(examples):
    for path in sorted((examples / "recordings").rglob("*.*")):
        if path.suffix in (".mp3", ".m4a", ".wav", ".amr", ".ogg"):
            with path.open("rb") as file:
                size = path.stat().st_size
                assert not size or len(layout_of(file, size).parts) == 1, path


@given(
    content=st.binary(max_size=400), cuts=st.lists(st.integers(0, 400), max_size=8), at=st.integers(0, 500)
)
def test_a_part_reads_like_the_bytes_that_it_is_made_of(tmp_path_factory, content, cuts, at):
    path = tmp_path_factory.mktemp("part") / "file"
    path.write_bytes(content)
    edges = sorted({min(cut, len(content)) for cut in cuts} | {0, len(content)})
    pieces = [range(a, b) if a % 2 else content[a:b] for a, b in pairwise(edges)]
    with path.open("rb") as file:
        reader = io.BufferedReader(PartReader(file, FilePart(tuple(pieces))))
        everything = reader.read()
        reader.seek(at)
        rest = reader.read()

    assert everything == content
    assert rest == content[at:]


@given(content=st.binary(max_size=300), head=st.sampled_from(HEADS))
def test_every_byte_of_any_file_is_in_a_part_or_counted(tmp_path_factory, head, content):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(head + content or b"x")
    size = path.stat().st_size

    with path.open("rb") as file:
        layout = layout_of(file, size)

    stretches = [piece for part in layout.parts for piece in part.pieces if isinstance(piece, range)]
    assert all(0 <= stretch.start <= stretch.stop <= size for stretch in stretches)
    assert 0 <= layout.unread <= size
    assert layout.parts


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"
        + b"data\2\0\0\0ab" * 400_000,
        b"\0\0\0\x10ftypM4A \0\0\0\0" + b"\0\0\0\x08free" * 250_000,
        b"OggS\0\2" + bytes(21) + (b"OggS\0\0" + bytes(21) + b"x") * 50_000,
        b"\xff" * 4_000_000,
        b"x" + b"\xff\xfb\x90\x64" * 300_000,
        b"fLaC\0\0\0\x22" * 200_000,
        b"#!AMR\n" * 200_000,
        b"ID3\3\0\0\0\0\0\0" * 100_000,
        b"caff\0\1\0\0desc" + b"\xff" * 8 + b"data" * 1_000_000,
    ],
    ids=["chunks", "boxes", "pages", "ones", "frames", "flacs", "amrs", "tags", "caf"],
)
def test_a_file_made_to_be_walked_for_ever_is_walked_in_moments(tmp_path, content):
    path = tmp_path / "hostile"
    path.write_bytes(content)

    with Sandbox(1, Limits(cpu_seconds=30)) as sandbox:
        parts = sandbox.run(count_parts, path)

    assert 0 < parts <= 1_000


def count_parts(path):
    with open_input(path) as file:
        return len(layout_of(file, file.seek(0, 2)).parts)
