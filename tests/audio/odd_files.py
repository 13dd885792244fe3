"""Recordings whose files say less than they hold: stale sizes, joined files, chains, edit lists, tails of nothing.

Each builder gives the bytes and the seconds of sound that somebody spoke into it.
"""

import struct
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

import av
import numpy as np
import soundfile
from av.audio.stream import AudioStream

from tests.audio.sounds import babble, encode

Odd = tuple[bytes, float]
LIBSNDFILE = {
    "rf64": "RF64",
    "w64": "W64",
    "aiff": "AIFF",
    "caf": "CAF",
    "wav": "WAV",
    "flac": "FLAC",
    "au": "AU",
    "sph": "NIST",
}


@cache
def sound(seconds: float, rate: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    one = babble(seconds, rate, seed)
    return one if channels == 1 else np.stack([one, one[::-1]])


@cache
def made(
    kind: str, seconds: float, rate: int = 16_000, channels: int = 1, subtype: str = "PCM_16", seed: int = 0
) -> bytes:
    """A sound file as a program writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"take.{kind}"
        samples = sound(seconds, rate, channels, seed)
        if kind in LIBSNDFILE:
            soundfile.write(path, samples.T, rate, subtype=subtype, format=LIBSNDFILE[kind])
        else:
            encode(path, samples, rate)
        return path.read_bytes()


def mp3(seconds: float, rate: int, kbits: int, channels: int = 1) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.mp3"
        layout = "mono" if channels == 1 else "stereo"
        with av.open(str(path), "w", format="mp3") as target:
            stream = target.add_stream("libmp3lame", rate=rate, layout=layout)
            stream.bit_rate = kbits * 1000
            samples = np.atleast_2d(sound(seconds, rate, channels))
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
            frame.sample_rate = rate
            frame.pts = 0
            convert = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
            for part in [*convert.resample(frame), *convert.resample(None)]:
                target.mux(stream.encode(part))
            target.mux(stream.encode(None))
        return path.read_bytes()


def data_at(content: bytes, mark: bytes = b"data") -> int:
    return content.index(mark)


def stale(kind: str, keep: float, seconds: float = 8.0, **form: object) -> Odd:
    """The sizes in the head are of the first `keep` seconds: the recorder died before it wrote them again."""
    content = bytearray(made(kind, seconds, **form))
    short = made(kind, keep, **form)
    mark = {"aiff": b"SSND", "wav": b"data", "rf64": b"data", "caf": b"data", "w64": b"data"}[kind]
    head = data_at(bytes(content), mark)
    assert head == data_at(short, mark)
    content[: head + 24] = short[: head + 24]
    whole = made(kind, seconds, **form)
    first = head + {"aiff": 16, "wav": 8, "rf64": 8, "caf": 16, "w64": 24}[kind]
    content[first:] = whole[first:]
    return bytes(content), seconds


def with_data_size(size: int, seconds: float = 6.0, extra: bytes = b"", **form: object) -> Odd:
    content = bytearray(made("wav", seconds, **form))
    at = data_at(bytes(content))
    content[at + 4 : at + 8] = struct.pack("<I", size)
    return bytes(content) + extra, seconds


def joined(*parts: tuple[bytes, float]) -> Odd:
    return b"".join(content for content, _ in parts), sum(seconds for _, seconds in parts)


def unsized_au(seconds: float = 4.0) -> Odd:
    """As it is written to a pipe."""
    content = bytearray(made("au", seconds))
    content[8:12] = b"\xff" * 4
    return bytes(content), seconds


def unsized_wma(seconds: float = 4.0) -> Odd:
    """As a recorder leaves it that never came back: the size of its data is 0."""
    content = bytearray(made("wma", seconds, rate=44_100))
    at = content.index(bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")) + 16
    content[at : at + 8] = bytes(8)
    return bytes(content), seconds


def nist(fields: list[str], sound: bytes) -> bytes:
    """SPHERE as the Linguistic Data Consortium writes it: a head of 1,024 bytes of text."""
    head = "\n".join(["NIST_1A", "   1024", *fields, "end_head", ""]).encode()
    return head.ljust(1024) + sound


def two_data_chunks(seconds: float = 6.0, between: bytes = b"") -> Odd:
    content = made("wav", seconds)
    at = data_at(content) + 8
    samples = content[at:]
    half = len(samples) // 4 * 2
    chunks = [samples[:half], samples[half:]]
    body = between.join(b"data" + struct.pack("<I", len(each)) + each for each in chunks)
    return content[: at - 8] + body, seconds


def odd_chunks(seconds: float = 6.0) -> Odd:
    """A chunk of odd length before the sound, without its byte of padding behind the one after."""
    content = made("wav", seconds)
    at = data_at(content)
    return (
        content[:at]
        + b"LIST"
        + struct.pack("<I", 5)
        + b"INFOx\0"
        + content[at:]
        + b"id3 "
        + struct.pack("<I", 3)
        + b"abc",
        seconds,
    )


def cut(kind: str, share: float, seconds: float = 8.0, **form: object) -> Odd:
    content = made(kind, seconds, **form)
    return content[: round(len(content) * share)], seconds * share


def edited(entries: list[tuple[float, float]], seconds: float = 8.0, moov_first: bool = False) -> Odd:
    """An M4A with an edit list of these (length in seconds, start in seconds)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.m4a"
        encode(path, sound(seconds, 44_100), 44_100)
        content = path.read_bytes()
    at = content.index(b"elst") - 4
    movie = int.from_bytes(content[content.index(b"mvhd") + 16 : content.index(b"mvhd") + 20], "big")
    table = b"".join(
        struct.pack(">IiI", round(length * movie), round(start * 44_100), 1 << 16)
        for length, start in entries
    )
    fresh = struct.pack(">I", 16 + len(table)) + b"elst" + bytes(4) + struct.pack(">I", len(entries)) + table
    old = int.from_bytes(content[at : at + 4], "big")
    content = content[:at] + fresh + content[at + old :]
    grown = len(fresh) - old
    for box in (b"moov", b"trak", b"edts"):
        where = content.index(box) - 4
        size = int.from_bytes(content[where : where + 4], "big") + grown
        content = content[:where] + struct.pack(">I", size) + content[where + 4 :]
    if content.index(b"moov") < content.index(b"mdat"):
        raise AssertionError("the index stands before the sound: its offsets would move")
    return content, seconds


def two_tracks(first_seconds: float = 8.0, second_seconds: float = 8.0, muxer: str = "3gp") -> Odd:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"take.{muxer}"
        codec, rate = ("libopencore_amrnb", 8_000) if muxer == "3gp" else ("libopus", 48_000)
        with av.open(str(path), "w", format="3gp" if muxer == "3gp" else "matroska") as target:
            tracks = [cast(AudioStream, target.add_stream(codec, rate=rate, layout="mono")) for _ in range(2)]
            for track, seconds in zip(tracks, (first_seconds, second_seconds), strict=True):
                form = track.codec_context.format
                convert = av.AudioResampler(format=form, layout="mono", rate=rate)
                frame = av.AudioFrame.from_ndarray(sound(seconds, rate)[None], format="fltp", layout="mono")
                frame.sample_rate, frame.pts = rate, 0
                for part in [*convert.resample(frame), *convert.resample(None)]:
                    target.mux(track.encode(part))
                target.mux(track.encode(None))
        return path.read_bytes(), max(first_seconds, second_seconds)


def unknown_first_track() -> Odd:
    """A phone's own coding, that nobody opens, before the track that everybody does."""
    content, seconds = two_tracks()
    first = content.index(b"samr")
    return content[:first] + b"zzzz" + content[first + 4 :], seconds


def hot(speech: np.ndarray, rate: int, peak: float, subtype: str = "FLOAT", kind: str = "wav") -> bytes:
    """Floats beyond full scale: nothing is cut off."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"take.{kind}"
        samples = speech / np.abs(speech).max() * peak
        soundfile.write(path, samples.T, rate, subtype=subtype, format=LIBSNDFILE[kind])
        return path.read_bytes()


def id3(length: int) -> bytes:
    sizes = bytes((length >> shift) & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + sizes + bytes(length)


def _take(kind: str, seconds: float = 4.0, **form: object) -> tuple[bytes, float]:
    return made(kind, seconds, **form), seconds


# name: what it is, all of whose sound must come out
WHOLE: dict[str, Callable[[], Odd]] = {
    "stale wav": lambda: stale("wav", 2.0),
    "stale stereo 24-bit wav": lambda: stale("wav", 1.0, channels=2, subtype="PCM_24", rate=48_000),
    "stale float wav": lambda: stale("wav", 2.0, subtype="FLOAT"),
    "stale 8-bit wav": lambda: stale("wav", 2.0, subtype="PCM_U8"),
    "stale mu-law wav": lambda: stale("wav", 2.0, subtype="ULAW"),
    "stale rf64": lambda: stale("rf64", 2.0),
    "stale w64": lambda: stale("w64", 2.0),
    "stale aiff": lambda: stale("aiff", 2.0),
    "stale caf": lambda: stale("caf", 2.0),
    "bw64": lambda: (b"BW64" + made("rf64", 6.0)[4:], 6.0),
    "data size 0": lambda: with_data_size(0),
    "data size 0, joined": lambda: joined(with_data_size(0), _take("wav")),
    "data size -1": lambda: with_data_size(0xFFFFFFFF),
    "data size -1, joined": lambda: joined(with_data_size(0xFFFFFFFF), _take("wav", rate=8_000)),
    "data size odd": lambda: with_data_size(64_001),
    "wav, tag of id3 behind": lambda: joined(_take("wav"), (id3(300), 0.0)),
    "two wavs": lambda: joined(_take("wav"), _take("wav", seed=1)),
    "two wavs of two rates": lambda: joined(_take("wav", rate=16_000), _take("wav", rate=44_100)),
    "two wavs, mono and stereo": lambda: joined(_take("wav"), _take("wav", channels=2)),
    "three wavs": lambda: joined(_take("wav"), _take("wav", channels=2), _take("wav", rate=8_000)),
    "stale wav, joined": lambda: joined(stale("wav", 2.0), _take("wav", rate=44_100)),
    "two data chunks": two_data_chunks,
    "two data chunks, list between": lambda: two_data_chunks(between=b"LIST\4\0\0\0INFO"),
    "odd chunks": odd_chunks,
    "wav and flac": lambda: joined(_take("wav"), _take("flac", rate=44_100)),
    "wav and mp3": lambda: joined(_take("wav"), (mp3(4.0, 44_100, 64), 4.0)),
    "wav and m4a": lambda: joined(_take("wav"), _take("m4a", rate=44_100)),
    "mp3 and wav": lambda: joined((mp3(4.0, 44_100, 64), 4.0), _take("wav")),
    "m4a and amr": lambda: joined(_take("m4a", rate=44_100), _take("amr", rate=8_000)),
    "ogg and webm": lambda: joined(_take("ogg", rate=48_000), _take("webm", rate=48_000)),
    "two flacs": lambda: joined(_take("flac"), _take("flac", seed=1)),
    "two flacs of two rates": lambda: joined(_take("flac", rate=44_100), _take("flac", channels=2)),
    "two aiffs": lambda: joined(_take("aiff"), _take("aiff", rate=44_100, channels=2)),
    "two w64s": lambda: joined(_take("w64"), _take("w64", rate=8_000)),
    "two m4as": lambda: joined(_take("m4a", rate=44_100), _take("m4a", rate=44_100, channels=2)),
    "two webms": lambda: joined(_take("webm", rate=48_000), _take("webm", rate=48_000, seed=1)),
    "two mkas": lambda: joined(_take("mka", rate=44_100), _take("mka", rate=16_000)),
    "two amrs": lambda: joined(_take("amr", rate=8_000), _take("amr", rate=8_000, seed=1)),
    "two aacs": lambda: joined(_take("aac", rate=44_100), _take("aac", rate=44_100, channels=2)),
    "au of unknown size": lambda: unsized_au(),
    "two aus": lambda: joined(_take("au"), _take("au", rate=44_100, channels=2)),
    "two nists": lambda: joined(_take("sph"), _take("sph", channels=2, subtype="ULAW")),
    "wma of unknown size": lambda: unsized_wma(),
    "wma of unknown size, joined": lambda: joined(unsized_wma(), _take("wma", rate=44_100, seed=1)),
    "two wmas": lambda: joined(_take("wma", rate=44_100), _take("wma", rate=44_100, seed=1)),
    "au of unknown size, wma, nist": lambda: joined(unsized_au(), _take("wma", rate=44_100), _take("sph")),
    "wav and au": lambda: joined(_take("wav"), _take("au")),
    "ogg chain": lambda: joined(*[_take("ogg", rate=48_000, seed=n) for n in range(4)]),
    "ogg chain, mono and stereo": lambda: joined(
        _take("ogg", rate=48_000), _take("ogg", rate=48_000, channels=2)
    ),
    "mp3s of two rates": lambda: joined((mp3(4.0, 44_100, 128), 4.0), (mp3(4.0, 16_000, 32), 4.0)),
    "mp3s, stereo then mono": lambda: joined((mp3(4.0, 44_100, 128, 2), 4.0), (mp3(4.0, 44_100, 64), 4.0)),
    "mp3s of three forms": lambda: joined(
        (mp3(4.0, 22_050, 48), 4.0), (mp3(4.0, 48_000, 192, 2), 4.0), (mp3(4.0, 8_000, 16), 4.0)
    ),
    "mp3, id3 in the middle": lambda: joined(
        (mp3(4.0, 44_100, 64), 4.0), (id3(5000) + mp3(4.0, 44_100, 64), 4.0)
    ),
    "edit list of length 0": lambda: edited([(0.0, 0.0)]),
    "edit list behind the end": lambda: edited([(8.0, 50.0)]),
    "two edits": lambda: edited([(4.0, 0.0), (4.0, 4.0)]),
    "edit of length 0, then one": lambda: edited([(0.0, 0.0), (8.0, 0.0)]),
    "3gp, two tracks": two_tracks,
    "3gp, first track of no known coding": unknown_first_track,
    "mkv, two tracks": lambda: two_tracks(muxer="mkv"),
    "amr, tail of zeros": lambda: (made("amr", 4.0, rate=8_000) + bytes(100_000), 4.0),
    "mp3 behind rubbish": lambda: (np.random.default_rng(0).bytes(50_000) + mp3(4.0, 44_100, 64), 4.0),
}
# of these a part can't be had: heard or told
TOLD: dict[str, Callable[[], Odd]] = {
    "caf cut off": lambda: cut("caf", 0.4),
    "w64 cut off": lambda: cut("w64", 0.4),
    "rf64 cut off": lambda: cut("rf64", 0.4),
    "aiff cut off": lambda: cut("aiff", 0.4),
    "wav cut off": lambda: cut("wav", 0.4),
    "au cut off": lambda: cut("au", 0.4),
    "nist cut off": lambda: cut("sph", 0.4),
    "wma cut off": lambda: cut("wma", 0.4, rate=44_100),
}
