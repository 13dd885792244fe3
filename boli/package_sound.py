"""The sound that goes along with a work package: one file a clip, or all clips behind one another in one."""

from collections.abc import Sequence
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from boli.errors import UserError
from catalog.store import ObjectStore
from transcription.exchange import ClipLocation, SampleSpan
from transcription.exchange.packing import ClipSound

GAP_SECONDS = 0.5
"""Of silence between two joined clips: seen on the waveform, and too short to bore."""
MOST_CLIP_BYTES = 64 * 2**20
JOINED = "package.wav"
FOLDER = "clips"


class PackageAudio(StrEnum):
    """Which sound goes along."""

    CUT = "cut"
    CLEAN = "clean"
    PREVIEW = "preview"
    NONE = "none"


def write_joined(
    store: ObjectStore, sounds: Sequence[ClipSound], rendition: PackageAudio, folder: Path
) -> dict[str, ClipLocation]:
    """All clips in one 16-bit WAV, which Praat, ELAN and Audacity all open; where each lies in it, by clip id.

    raises: UserError where the clips have several sample rates, or for the preview, which Praat and ELAN can't open
    """
    if rendition is PackageAudio.PREVIEW:
        raise UserError("Praat and ELAN open no Opus. Ask for --audio cut or --audio clean.")
    locations: dict[str, ClipLocation] = {}
    rate = _rate(store, sounds[0], rendition)
    gap = np.zeros(round(GAP_SECONDS * rate), dtype=np.int16)
    reached = 0
    with soundfile.SoundFile(folder / JOINED, "w", rate, 1, "PCM_16", format="WAV") as out:
        for sound in sounds:
            samples, own = soundfile.read(BytesIO(_bytes(store, sound, rendition)), dtype="int16")
            if own != rate:
                raise UserError(
                    f"{sound.clip} has {own} samples a second, those before it {rate}: they can't be joined.\n"
                    "Export one recording at a time, with --recording."
                )
            if reached:
                out.write(gap)
                reached += len(gap)
            out.write(samples)
            locations[sound.clip] = ClipLocation(JOINED, SampleSpan(reached, reached + len(samples), rate))
            reached += len(samples)
    return locations


def write_each(
    store: ObjectStore, sounds: Sequence[ClipSound], rendition: PackageAudio, folder: Path
) -> dict[str, ClipLocation]:
    """Each clip as the file that it is in the store; its location is the whole file, by clip id."""
    (folder / FOLDER).mkdir()
    locations: dict[str, ClipLocation] = {}
    for sound in sounds:
        data = _bytes(store, sound, rendition)
        name = f"{sound.clip}.{'opus' if rendition is PackageAudio.PREVIEW else 'flac'}"
        (folder / FOLDER / name).write_bytes(data)
        with soundfile.SoundFile(BytesIO(data)) as file:
            locations[sound.clip] = ClipLocation(
                f"{FOLDER}/{name}", SampleSpan(0, file.frames, file.samplerate)
            )
    return locations


def _rate(store: ObjectStore, sound: ClipSound, rendition: PackageAudio) -> int:
    with soundfile.SoundFile(BytesIO(_bytes(store, sound, rendition))) as file:
        return int(file.samplerate)


def _bytes(store: ObjectStore, sound: ClipSound, rendition: PackageAudio) -> bytes:
    keys = {
        PackageAudio.CUT: sound.cut_key,
        PackageAudio.CLEAN: sound.clean_key,
        PackageAudio.PREVIEW: sound.preview_key,
    }
    return store.get_bytes(keys[rendition], MOST_CLIP_BYTES)
