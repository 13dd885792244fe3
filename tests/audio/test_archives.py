"""What dictaphones and archives bring: Windows Media, Sun's AU, NIST SPHERE of speech corpora, Speex."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.decode import open_recording
from audio.errors import UnusableRecording
from audio.examine import examine
from audio.layout.marks import ASF_HEADER
from audio.limits import Limits
from audio.reasons import AudioReason
from tests.audio.odd_files import made, nist
from tests.audio.sounds import babble, encode, tone

LIMITS = Limits()
SPEEX = Path(__file__).parent / "files"
TIMIT = ["database_id -s5 TIMIT", "sample_rate -i 16000", "sample_min -i -2191", "channel_count -i 1"]
SIXTEEN_BITS = ["sample_count -i 16000", "sample_n_bytes -i 2", "sample_sig_bits -i 16"]


def samples_of(path: Path) -> np.ndarray:
    with open_recording(path, LIMITS) as recording:
        return np.concatenate(list(recording), axis=1)


def refusal(path: Path) -> UnusableRecording:
    with pytest.raises(UnusableRecording) as caught:
        samples_of(path)
    return caught.value


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "ULAW", "ALAW"])
@pytest.mark.parametrize("kind", ["AU", "NIST"])
def test_every_plain_coding_of_au_and_nist_is_the_sound_that_libsndfile_reads(
    tmp_path: Path, kind: str, subtype: str
) -> None:
    path = tmp_path / "take"
    stereo = np.stack([babble(1.0, 16_000), babble(1.0, 16_000, seed=1)])
    soundfile.write(path, stereo.T, 16_000, subtype=subtype, format=kind)

    expected, _ = soundfile.read(path, dtype="float32")

    assert np.allclose(samples_of(path), expected.T, atol=1e-6)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_floats_in_au_come_out_as_they_went_in(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "take.au"
    soundfile.write(path, babble(1.0, 16_000), 16_000, subtype=subtype, format="AU")

    assert np.allclose(samples_of(path)[0], babble(1.0, 16_000), atol=1e-7)


def test_a_telephone_exchanges_g726_in_au_keeps_its_tone(tmp_path: Path) -> None:
    path = tmp_path / "take.au"
    soundfile.write(path, tone(2.0, 8_000), 8_000, subtype="G721_32", format="AU")

    middle = samples_of(path)[0, 4_000:12_000]

    assert np.count_nonzero(np.diff(np.signbit(middle))) == pytest.approx(880, abs=4)


@pytest.mark.parametrize(("order", "code"), [("<i2", "01"), (">i2", "10")])
@pytest.mark.parametrize("coding", [[], ["sample_coding -s3 pcm"]])
def test_a_corpus_of_either_byte_order_with_or_without_its_coding_is_read(
    tmp_path: Path, order: str, code: str, coding: list[str]
) -> None:
    whole = np.rint(babble(1.0, 16_000) * 32767).astype(np.int16)
    fields = [*TIMIT, *SIXTEEN_BITS, f"sample_byte_format -s2 {code}", *coding]
    (tmp_path / "sa1.sph").write_bytes(nist(fields, whole.astype(order).tobytes()))

    assert np.array_equal(np.rint(samples_of(tmp_path / "sa1.sph")[0] * 32768).astype(int), whole)


def test_the_hash_of_samples_is_the_same_in_wav_au_and_nist(tmp_path: Path) -> None:
    kinds = ("wav", "au", "sph")
    for kind in kinds:
        (tmp_path / kind).write_bytes(made(kind, 2.0))

    assert len({examine(tmp_path / kind, LIMITS).sound_sha256 for kind in kinds}) == 1


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_windows_media_keeps_its_length_its_channels_and_its_pitch(
    tmp_path: Path, rate: int, channels: int
) -> None:
    sound = np.stack([tone(3.0, 44_100, hertz=300.0 * (number + 1)) for number in range(channels)])
    path = encode(tmp_path / "take.wma", sound, 44_100, coded_rate=rate)

    with open_recording(path, LIMITS) as recording:
        samples = np.concatenate(list(recording), axis=1)
        info, summary = recording.info, recording.summary

    assert (info.codec, info.sample_rate, info.channels) == ("wmav2", rate, channels)
    assert samples.shape[1] / rate == pytest.approx(3.0, abs=0.1)
    for number, channel in enumerate(samples):
        middle = channel[rate : 2 * rate]
        assert np.count_nonzero(np.diff(np.signbit(middle))) == pytest.approx(600 * (number + 1), abs=4)
    assert not summary.truncated
    assert summary.damaged_packets == summary.unread_bytes == 0


@pytest.mark.parametrize(("name", "rate"), [("narrow", 8_000), ("wide", 16_000)])
def test_speex_of_old_recorders_and_telephone_exchanges_is_read(name: str, rate: int) -> None:
    found = examine(SPEEX / f"{name}.spx", LIMITS)

    assert (found.info.container, found.info.codec, found.info.sample_rate) == ("ogg", "speex", rate)
    assert found.summary.samples / rate == pytest.approx(4.0, abs=0.05)
    assert found.summary.damaged_packets == found.summary.unread_bytes == 0


def test_speex_is_the_voice_that_was_coded(examples: Path) -> None:
    """Speech of one file at two rates: the loud and quiet tenths of a second come in the same order."""
    loudness = []
    for name, rate in (("narrow", 8_000), ("wide", 16_000)):
        sound = samples_of(SPEEX / f"{name}.spx")[0]
        frames = sound[: len(sound) // (rate // 10) * (rate // 10)].reshape(-1, rate // 10)
        loudness.append(np.log(np.mean(frames**2, axis=1) + 1e-6)[:38])

    assert np.corrcoef(loudness)[0, 1] > 0.95


@pytest.mark.parametrize(
    "content",
    [
        nist(
            [*TIMIT, *SIXTEEN_BITS, "sample_coding -s26 pcm,embedded-shorten-v2.00"],
            b"ajkg\x02" + bytes(4000),
        ),
        b"ajkg\x02\xfb\xb1\x70\x09\xf9\x25\x59" + bytes(4000),
    ],
    ids=["inside SPHERE", "bare"],
)
def test_shorten_is_refused_with_the_program_that_unpacks_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "fe_03_00001.sph").write_bytes(content)

    finding = refusal(tmp_path / "fe_03_00001.sph")

    assert finding.code is AudioReason.REFUSED_FORMAT
    assert "coded as shorten" in str(finding)
    assert "sph2pipe" in str(finding)


def test_a_sphere_file_of_a_coding_that_nobody_knows_is_refused_by_name_or_called_broken(
    tmp_path: Path,
) -> None:
    fields = [*TIMIT, *SIXTEEN_BITS, "sample_coding -s22 pcm,embedded-wavpack"]
    (tmp_path / "take.sph").write_bytes(nist(fields, bytes(32_000)))

    assert refusal(tmp_path / "take.sph").code is AudioReason.REFUSED_FORMAT


def test_windows_media_under_a_copy_lock_is_refused_and_not_heard_as_noise(tmp_path: Path) -> None:
    content = made("wma", 2.0, rate=44_100)
    lock = bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e") + (24 + 8).to_bytes(8, "little") + bytes(8)
    size = int.from_bytes(content[16:24], "little") + len(lock)
    count = int.from_bytes(content[24:28], "little") + 1
    head = ASF_HEADER + size.to_bytes(8, "little") + count.to_bytes(4, "little") + content[28:30]
    (tmp_path / "song.wma").write_bytes(head + lock + content[30:])

    finding = refusal(tmp_path / "song.wma")

    assert finding.code is AudioReason.REFUSED_FORMAT
    assert "locked against copying" in str(finding)


@pytest.mark.parametrize(
    "content",
    [
        b".snd" + bytes(20),
        b".snd" + b"\xff" * 20 + bytes(1000),
        b".snd\0\0\0\x18\0\0\0\x10\0\0\0\3\xff\xff\xff\xff\0\0\0\1" + bytes(1000),
        b".snd\0\0\0\x18\0\0\0\x10\0\0\0\3\0\0\x3e\x80\0\0\xff\xff" + bytes(1000),
        b"NIST_1A\n   1024\n" + b"sample_count -i 9\n" * 20_000,
        b"NIST_1A\n9999999\nsample_rate -i 99999999999999999999\nsample_n_bytes -i 2\nend_head\n"
        + bytes(2000),
        nist(["channel_count -i 999999", *SIXTEEN_BITS, "sample_rate -i 16000"], bytes(64_000)),
        nist(["sample_rate -i -5", *SIXTEEN_BITS, "channel_count -i 1"], bytes(64_000)),
        ASF_HEADER + b"\xff" * 200,
        ASF_HEADER + (30).to_bytes(8, "little") + bytes(6) + b"\0" * 10_000,
    ],
)
def test_a_head_that_lies_has_its_reason(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "take").write_bytes(content)

    assert refusal(tmp_path / "take").code in {
        AudioReason.CORRUPT,
        AudioReason.EMPTY_FILE,
        AudioReason.NOT_AUDIO,
        AudioReason.TOO_MANY_CHANNELS,
    }


def test_windows_media_names_no_other_file_that_would_be_opened(tmp_path: Path) -> None:
    """A reference movie of old servers, which is text in a file called .wma or .asx."""
    (tmp_path / "secret.wav").write_bytes(made("wav", 2.0))
    (tmp_path / "list.wma").write_bytes(b"[Reference]\r\nRef1=secret.wav\r\n")

    assert refusal(tmp_path / "list.wma").code is AudioReason.REFUSED_FORMAT
