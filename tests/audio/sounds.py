"""Small recordings that tests make themselves, in the containers of phones and programs."""

from pathlib import Path

import av
import numpy as np
import soundfile

# name: (muxer, encoder, encoder's rate, options)
CONTAINERS = {
    "wav": ("wav", "pcm_s16le", None),
    "flac": ("flac", "flac", None),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "aac": ("adts", "aac", 44_100),
    "ogg": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
    "mka": ("matroska", "flac", None),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "3gp": ("3gp", "libopencore_amrnb", 8_000),
    "aiff": ("aiff", "pcm_s16be", None),
    "au": ("au", "pcm_s16be", None),
    "wma": ("asf", "wmav2", 44_100),
}
BIT_RATES = {"wmav1": 48_000, "wmav2": 48_000}  # encoders that have no usual one


def tone(seconds, rate, *, hertz=440.0, amplitude=0.3):
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def babble(seconds, rate, seed=0):
    """Noise that comes and goes four times a second, with a voice's slope: no two stretches are alike."""
    generator = np.random.default_rng(seed)
    count = round(seconds * rate)
    noise = np.cumsum(generator.standard_normal(count))
    noise -= np.convolve(noise, np.ones(200) / 200, "same")
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * np.arange(count) / rate)
    shaped = noise * envelope
    return (0.3 * shaped / np.abs(shaped).max()).astype(np.float32)


def encode(path: Path, samples, rate, container=None, coded_rate=None):
    """Write samples ((n,) or (channels, n), float32) as the container that `path`'s ending names."""
    muxer, codec, usual = CONTAINERS[container or path.suffix[1:]]
    wanted = coded_rate or usual
    block = np.atleast_2d(samples)
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[len(block)]
    with av.open(str(path), "w", format=muxer) as target:
        stream = target.add_stream(codec, rate=wanted or rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        if codec in BIT_RATES:
            stream.bit_rate = BIT_RATES[codec]
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=wanted or rate)
        # interleaved: PyAV's planes go wrong from eight separate channels on
        interleaved = np.ascontiguousarray(block.T).reshape(1, -1).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(interleaved, format="flt", layout=layout)
        frame.sample_rate = rate
        frame.pts = 0
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return path


def pcm(path: Path, samples, rate, subtype="PCM_16"):
    """A WAV or FLAC through libsndfile; samples (n,) or (channels, n)."""
    soundfile.write(path, np.atleast_2d(samples).T, rate, subtype=subtype)
    return path
