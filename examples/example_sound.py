"""Sound in and out for make_examples.py: decode, find a clip's edges, lay noise, write as a phone would."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.float32]
SESSION_RATE = 16_000


@dataclass(frozen=True, slots=True)
class PhoneCodec:
    """How a kind of phone or program writes sound."""

    ending: str
    codec: str
    rate: int
    bit_rate: int = 0


PHONES = {
    "wav": PhoneCodec("wav", "pcm_s16le", 16_000),
    "wav44": PhoneCodec("wav", "pcm_s16le", 44_100),
    "flac": PhoneCodec("flac", "flac", 16_000),
    "amr": PhoneCodec("amr", "libopencore_amrnb", 8_000, 12_200),
    "3gp": PhoneCodec("3gp", "libopencore_amrnb", 8_000, 12_200),
    "m4a": PhoneCodec("m4a", "aac", 44_100, 64_000),
    "webm": PhoneCodec("webm", "libopus", 48_000, 32_000),
    "ogg": PhoneCodec("ogg", "libopus", 48_000, 24_000),
    "mp3": PhoneCodec("mp3", "libmp3lame", 32_000, 64_000),
}
MUXERS = {"m4a": "ipod", "amr": "amr", "3gp": "3gp", "webm": "webm", "ogg": "ogg", "mp3": "mp3"}


def decode(content: bytes) -> tuple[int, Samples]:
    """(rate, mono samples) of any file PyAV reads."""
    blocks = []
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.audio[0]
        for frame in container.decode(stream):
            block = frame.to_ndarray()
            if frame.format.is_planar:
                block = block.mean(axis=0)
            else:
                block = block.reshape(-1, frame.layout.nb_channels).mean(axis=1)
            blocks.append(block / 32768.0 if frame.format.name.startswith("s16") else block)
        rate = stream.codec_context.sample_rate
    return rate, np.concatenate(blocks).astype(np.float32)


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def resample(rate: int, samples: Samples, to: int) -> Samples:
    return samples if rate == to else soxr.resample(samples, rate, to, quality="VHQ").astype(np.float32)


def speech_bits(rate: int, samples: Samples, *, pause: float = 0.12) -> list[tuple[int, int]]:
    """Where a clean clip holds speech, in samples, by level of 20 ms windows every 10 ms.

    pause: seconds; a shorter gap does not part two bits
    A window counts when it is 10 dB over the floor and within 35 dB of the loudest. Bits under 60 ms do not
    count, nor does a first or last bit under 150 ms that is over 0.3 s away from the rest (a tap on the phone).
    """
    hop = rate // 100
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(2 * hop) / (2 * hop), mode="valid")[::hop]
    level = 10 * np.log10(power + 1e-10)
    heard = level > max(np.percentile(level, 10) + 10, np.percentile(level, 95) - 35, -65.0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], heard.astype(np.int8), [0]])))
    bits: list[tuple[int, int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if bits and start - bits[-1][1] < pause * 100:
            bits[-1] = (bits[-1][0], end)
        else:
            bits.append((start, end))
    bits = [bit for bit in bits if bit[1] - bit[0] >= 6]
    while len(bits) > 1 and bits[0][1] - bits[0][0] < 15 and bits[1][0] - bits[0][1] > 30:
        bits.pop(0)
    while len(bits) > 1 and bits[-1][1] - bits[-1][0] < 15 and bits[-1][0] - bits[-2][1] > 30:
        bits.pop()
    if not bits:
        raise ValueError(
            "no speech stands out of this clip's own floor, so its edges can't be found. Leave it out."
        )
    return [(start * hop + hop // 2, min(len(samples), end * hop + hop // 2)) for start, end in bits]


def faded(samples: Samples, seconds: float, rate: int) -> Samples:
    length = min(round(seconds * rate), len(samples) // 2)
    ramp = np.linspace(0, 1, length, endpoint=False, dtype=np.float32)
    out = samples.copy()
    out[:length] *= ramp
    out[len(out) - length :] *= ramp[::-1]
    return out


def noise_bed(clips: Sequence[tuple[str, Samples]], length: int, dice: np.random.Generator) -> Samples:
    """`length` samples of the clips in shuffled order, each overlapping the last by half a second."""
    overlap = SESSION_RATE // 2
    ramp = np.sqrt(np.linspace(0, 1, overlap, endpoint=False, dtype=np.float32))
    bed = np.zeros(length + 6 * SESSION_RATE, np.float32)
    at = 0
    while at < length:
        for index in dice.permutation(len(clips)):
            clip = clips[index][1].copy()
            clip[:overlap] *= ramp
            clip[-overlap:] *= ramp[::-1]
            room = min(len(clip), len(bed) - at)
            bed[at : at + room] += clip[:room]
            at += len(clip) - overlap
            if at >= length:
                break
    return bed[:length]


def encode(phone: PhoneCodec, rate: int, samples: Samples) -> bytes:
    """The file such a phone would write. Bit-exact: no date, random serial number or program name in it."""
    pcm = np.clip(np.round(resample(rate, samples, phone.rate) * 32767), -32768, 32767).astype(np.int16)
    out = io.BytesIO()
    muxer = MUXERS.get(phone.ending, phone.ending)
    with av.open(out, "w", format=muxer, options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(phone.codec, rate=phone.rate, options={"flags": "+bitexact"})
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.codec_context.thread_count = 1
        if phone.bit_rate:
            stream.bit_rate = phone.bit_rate
        for at in range(0, len(pcm), 1024):
            frame = av.AudioFrame.from_ndarray(pcm[None, at : at + 1024], format="s16", layout="mono")
            frame.sample_rate = phone.rate
            frame.pts = at
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def codec_delay(before: Samples, after: Samples) -> int:
    """By how many samples `after` is later than `before`: the peak of their correlation within 0.1 s."""
    size = 1 << int(np.ceil(np.log2(len(before) + len(after))))
    product = np.fft.irfft(np.fft.rfft(after, size) * np.conj(np.fft.rfft(before, size)), size)
    reach = min(5_000, size // 2 - 1)
    return int(np.argmax(np.concatenate([product[-reach:], product[: reach + 1]]))) - reach
