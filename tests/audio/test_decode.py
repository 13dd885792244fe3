"""Every phone's recording decodes to its length; everything else gets its reason."""

import csv
import os

import numpy as np
import pytest

from audio.decode import open_recording
from audio.errors import UnusableRecording
from audio.examine import examine
from audio.limits import Limits
from audio.reasons import AudioReason
from tests.audio.sounds import CONTAINERS, babble, encode, pcm, tone

LIMITS = Limits()


def decode(path, limits=LIMITS):
    with open_recording(path, limits) as recording:
        blocks = list(recording)
        return recording.info, np.concatenate(blocks, axis=1), recording.summary


def reason(path, limits=LIMITS):
    with pytest.raises(UnusableRecording) as caught:
        decode(path, limits)
    return caught.value.code


@pytest.mark.parametrize("kind", sorted(CONTAINERS))
def test_every_container_decodes_to_its_length_and_pitch(tmp_path, kind):
    path = encode(tmp_path / f"take.{kind}", tone(2.0, 44_100), 44_100)

    info, samples, summary = decode(path)

    seconds = samples.shape[1] / info.sample_rate
    assert seconds == pytest.approx(2.0, abs=0.11)  # raw AAC and MP3 keep the encoder's padding
    middle = samples[0, info.sample_rate // 2 : info.sample_rate * 3 // 2]
    crossings = np.count_nonzero(np.diff(np.signbit(middle)))
    assert crossings == pytest.approx(880, abs=4)
    assert not summary.truncated
    assert summary.damaged_packets == 0


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
@pytest.mark.parametrize("kind", ["wav", "flac", "m4a"])
def test_channels_come_out_apart_and_in_order(tmp_path, kind, channels):
    sound = np.stack([tone(1.0, 48_000, hertz=200.0 * (n + 1)) for n in range(channels)])
    path = encode(tmp_path / f"take.{kind}", sound[[0]] if channels == 1 else sound, 48_000)

    info, samples, _ = decode(path)

    assert info.channels == channels
    for number, channel in enumerate(
        samples[: 3 if kind == "m4a" else None]
    ):  # AAC filters the fourth of 5.1
        middle = channel[len(channel) // 4 : len(channel) // 4 + info.sample_rate // 2]
        assert np.count_nonzero(np.diff(np.signbit(middle))) == pytest.approx(200 * (number + 1), abs=4)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 96_000])
def test_sixteen_bit_sound_comes_out_exactly(tmp_path, rate):
    whole = np.random.default_rng(1).integers(-32768, 32767, rate * 2 + 77, dtype=np.int16)
    path = pcm(tmp_path / "take.wav", whole / np.float32(32768), rate)

    _, samples, summary = decode(path)

    assert np.array_equal(np.rint(samples[0] * 32768).astype(int), whole)
    assert summary.samples == len(whole)


def test_the_hash_of_samples_does_not_depend_on_the_container(tmp_path):
    sound = np.rint(babble(1.5, 44_100) * 32768) / np.float32(32768)
    stereo = np.stack([sound, sound[::-1]])
    wav = examine(pcm(tmp_path / "a.wav", stereo, 44_100), LIMITS).sound_sha256
    flac = examine(pcm(tmp_path / "a.flac", stereo, 44_100), LIMITS).sound_sha256
    floats = examine(pcm(tmp_path / "f.wav", stereo, 44_100, subtype="FLOAT"), LIMITS).sound_sha256
    doubles = examine(pcm(tmp_path / "d.wav", stereo, 44_100, subtype="DOUBLE"), LIMITS).sound_sha256
    mka = examine(encode(tmp_path / "a.mka", stereo, 44_100), LIMITS).sound_sha256
    deep = examine(pcm(tmp_path / "24.wav", stereo, 44_100, subtype="PCM_24"), LIMITS).sound_sha256

    assert {wav} == {flac, floats, doubles, mka, deep}


def test_24_bit_sound_hashes_alike_in_wav_and_flac_and_unlike_its_16_bit_rounding(tmp_path):
    sound = np.rint(babble(1.0, 48_000).astype(np.float64) * 2**23).astype(np.int32) << 8

    wav = examine(pcm(tmp_path / "a.wav", sound, 48_000, subtype="PCM_24"), LIMITS).sound_sha256
    flac = examine(pcm(tmp_path / "a.flac", sound, 48_000, subtype="PCM_24"), LIMITS).sound_sha256
    rounded = examine(pcm(tmp_path / "b.wav", sound >> 16 << 16, 48_000), LIMITS).sound_sha256

    assert wav == flac != rounded


def test_another_rate_or_channel_is_another_recording(tmp_path):
    sound = np.rint(babble(1.0, 16_000) * 32768) / np.float32(32768)

    plain = examine(pcm(tmp_path / "a.wav", sound, 16_000), LIMITS).sound_sha256
    faster = examine(pcm(tmp_path / "b.wav", sound, 22_050), LIMITS).sound_sha256
    doubled = examine(pcm(tmp_path / "c.wav", np.stack([sound, sound]), 16_000), LIMITS).sound_sha256

    assert len({plain, faster, doubled}) == 3


@pytest.mark.parametrize(
    "name",
    [
        "two words.wav",
        'it\'s "quoted".wav',
        "new\nline.wav",
        "रिकॉर्डिंग.wav",
        "concat:a|b.wav",
        "-i.wav",
        "%03d.wav",
        "wrong.mp3",
    ],
)
def test_any_name_is_only_a_name(tmp_path, name):
    path = tmp_path / name
    pcm(tmp_path / "plain.wav", tone(0.5, 16_000), 16_000).rename(path)

    assert decode(path)[2].samples == 8_000


def test_a_name_that_is_no_text_is_only_a_name(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.wav")
    pcm(tmp_path / "plain.wav", tone(0.5, 16_000), 16_000).rename(path)

    assert decode(path)[2].samples == 8_000


@pytest.mark.parametrize("ending", ["wav", "mp3", "m3u8", "txt"])
@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile secret.wav\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\nsecret.wav\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    ],
)
def test_a_playlist_opens_nothing_whatever_its_name(tmp_path, text, ending):
    pcm(tmp_path / "secret.wav", tone(0.5, 16_000), 16_000)
    (tmp_path / f"take.{ending}").write_text(text)

    assert reason(tmp_path / f"take.{ending}") is AudioReason.REFUSED_FORMAT


def test_text_and_pictures_are_not_audio(tmp_path):
    (tmp_path / "notes.wav").write_text("Namaste, this is my note.\n" * 50)
    (tmp_path / "photo.m4a").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))

    assert reason(tmp_path / "notes.wav") is AudioReason.NOT_AUDIO
    assert reason(tmp_path / "photo.m4a") is AudioReason.NOT_AUDIO


def test_no_bytes_and_no_samples_are_both_empty(tmp_path):
    (tmp_path / "none.webm").touch()
    pcm(tmp_path / "header.wav", np.zeros(0, np.float32), 16_000)

    assert reason(tmp_path / "none.webm") is AudioReason.EMPTY_FILE
    assert reason(tmp_path / "header.wav") is AudioReason.EMPTY_FILE


def test_what_is_no_file_is_unreadable_and_never_waits(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")

    assert reason(tmp_path / "pipe.wav") is AudioReason.UNREADABLE
    assert reason(tmp_path) is AudioReason.UNREADABLE
    assert reason(tmp_path / "absent.wav") is AudioReason.UNREADABLE


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "webm", "aiff"])
def test_a_file_cut_in_half_gives_what_is_there_and_says_so(tmp_path, kind):
    path = encode(tmp_path / f"take.{kind}", babble(8.0, 44_100), 44_100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    info, samples, summary = decode(path)

    assert summary.truncated
    assert 2.0 < samples.shape[1] / info.sample_rate < 6.0


def test_an_m4a_without_its_index_is_corrupt(tmp_path):
    path = encode(tmp_path / "take.m4a", babble(8.0, 44_100), 44_100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert reason(path) is AudioReason.CORRUPT


def test_damage_inside_is_passed_over_and_counted(tmp_path):
    path = encode(tmp_path / "take.flac", babble(8.0, 44_100), 44_100)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 300] = bytes(300)
    path.write_bytes(content)

    info, samples, summary = decode(path)

    assert summary.damaged_packets >= 1
    assert samples.shape[1] / info.sample_rate > 7.0


def test_a_bomb_of_silence_is_refused_by_its_length_while_it_unpacks(tmp_path):
    hour = np.zeros(16_000 * 60, np.float32)
    path = pcm(tmp_path / "bomb.flac", hour, 16_000)
    content = bytearray(path.read_bytes())
    content[18 + 8] &= 0xF0  # STREAMINFO's count of samples: 36 bits, 0 for unknown
    content[22:26] = bytes(4)
    path.write_bytes(content)

    with open_recording(path, Limits(max_seconds=10)) as recording:
        heard = 0
        with pytest.raises(UnusableRecording) as caught:
            for block in recording:
                heard += block.shape[1]

    assert recording.info.declared_seconds is None
    assert caught.value.code is AudioReason.TOO_LONG
    assert heard <= 10 * 16_000


def test_a_declared_length_over_the_limit_is_refused_at_once(tmp_path):
    path = pcm(tmp_path / "long.flac", np.zeros(16_000 * 60, np.float32), 16_000)

    with pytest.raises(UnusableRecording, match=r"0:01:00 long or longer; at most 0:00:10") as caught:
        decode(path, Limits(max_seconds=10))

    assert caught.value.code is AudioReason.TOO_LONG


def test_bytes_are_bounded_as_well_as_seconds(tmp_path):
    path = encode(tmp_path / "wide.flac", np.zeros((8, 48_000 * 3), np.float32), 48_000)

    assert reason(path, Limits(max_decoded_bytes=2**20)) is AudioReason.OVER_LIMIT


def test_too_many_channels_and_too_little_sound_have_their_reasons(tmp_path):
    six = encode(tmp_path / "six.flac", np.zeros((6, 48_000), np.float32), 48_000)
    click = pcm(tmp_path / "click.wav", tone(0.01, 16_000), 16_000)

    assert reason(six, Limits(max_channels=2)) is AudioReason.TOO_MANY_CHANNELS
    assert reason(click) is AudioReason.TOO_SHORT


def test_numbers_that_are_none_become_silence(tmp_path):
    sound = tone(1.0, 16_000)
    sound[100:110] = np.nan
    sound[200:210] = np.inf
    path = pcm(tmp_path / "nan.wav", sound, 16_000, subtype="FLOAT")

    _, samples, summary = decode(path)

    assert np.isfinite(samples).all()
    assert not samples[0, 100:110].any()
    assert summary.damaged_packets == 1


def test_a_summary_is_not_given_before_the_end(tmp_path):
    path = pcm(tmp_path / "take.wav", tone(2.0, 16_000), 16_000)

    with (
        open_recording(path, LIMITS) as recording,
        pytest.raises(RuntimeError, match="iterate over it first"),
    ):
        _ = recording.summary


def test_all_shared_formats_decode_to_their_stated_length(shared_data):
    stated = {
        row["path"]: float(row["seconds"])
        for row in csv.DictReader((shared_data / "MANIFEST.csv").open())
        if row["path"].startswith("formats/") and row["seconds"]
    }

    wrong = {}
    for name, seconds in stated.items():
        info, samples, summary = decode(shared_data / name)
        found = samples.shape[1] / info.sample_rate
        if abs(found - seconds) > 0.002 or summary.truncated:
            wrong[name] = (seconds, found)

    assert len(stated) > 40
    assert not wrong


def test_every_shared_broken_file_decodes_or_has_its_reason(shared_data):
    reasons = {}
    for path in sorted((shared_data / "broken").iterdir()):
        try:
            decode(path)
        except UnusableRecording as finding:
            reasons[path.name] = finding.code

    assert sum(code is AudioReason.EMPTY_FILE for code in reasons.values()) >= 6
    assert set(reasons.values()) <= {
        AudioReason.EMPTY_FILE,
        AudioReason.CORRUPT,
        AudioReason.NOT_AUDIO,
        AudioReason.TOO_SHORT,
    }
