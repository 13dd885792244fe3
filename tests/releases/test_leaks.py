"""The same sound under two names is found by how it sounds, reported, and never stands in two splits."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.fingerprint import Fingerprint
from catalog.tables import Clip, RecordingFingerprint
from releases.leaks import VoicePair
from releases.near_duplicates import near_duplicates
from releases.plan import plan_release
from releases.rows import Row
from releases.selection import candidates
from releases.verify import verify
from tests.audio.test_fingerprint import as_mono, fingerprint
from tests.conftest import REPOSITORY
from tests.releases.conftest import RATE, Archive, no_faults
from tests.releases.stores import rows_of

Samples = NDArray[np.float32]


REPORTED = """
from releases.leaks import VoicePair, leak_report
from tests.releases.rows import row

rows = [row(id=f"clip-{number}", speaker=f"te-{number}", voices=(f"te-{number}",)) for number in range(20)]
voices = [VoicePair("clip-0", f"clip-{number}", 0.9) for number in range(1, 20)]
split_of = lambda row: "train" if row.id == "clip-0" else "test"
print(repr(leak_report(rows, split_of, (), compared=0, voices=voices)))
"""


@pytest.fixture(scope="module")
def speech(examples: Path) -> Samples:
    """Half a minute of one voice."""
    samples: Samples = as_mono(examples / "recordings" / "te" / "te-01_session_1.m4a")
    return samples[2 * RATE : 32 * RATE]


def add(archive: Archive, speaker: str, samples: Samples, *, clips: int) -> list[str]:
    """A recording of clips of four seconds, known by how these samples sound."""
    found = archive.add_recording(speaker, clips=clips, seconds=4.0)
    heard: Fingerprint = fingerprint(samples)
    with archive.catalog.writing() as session:
        recording = session.get_one(Clip, found[0]).recording_id
        session.add(RecordingFingerprint(recording_id=recording, words=heard.words, levels=heard.levels))
    return found


def joined(speech: Samples, *, seconds: float = 0.37) -> Samples:
    """What somebody makes of another's session: a stretch of something else, then it, quieter and not in step."""
    other = speech[20 * RATE : 24 * RATE]
    start = round(seconds * RATE)
    noise = np.random.default_rng(1).normal(0, 0.002, 8 * RATE).astype(np.float32)
    return np.concatenate([other, 0.3 * speech[start : start + 8 * RATE] + noise])


@pytest.fixture
def leaking(archive: Archive, speech: Samples) -> tuple[Archive, list[str], list[str]]:
    """Two speakers of different splits, of whom the second sent in a session joined from the first one's clips."""
    archive.publish()
    splits = {row["speaker"]: row for row in rows_of(archive.store, "1.0.0")}
    assert len(splits) == 5
    by_split = splits_by_speaker(archive)
    honest = next(name for name, split in sorted(by_split.items()) if split == "train" and name != "kn-01")
    other = next(name for name, split in sorted(by_split.items()) if split == "test")
    return (
        archive,
        add(archive, honest, speech[: 12 * RATE], clips=3),
        add(archive, other, joined(speech), clips=3),
    )


def test_clips_of_two_speakers_with_the_same_sound_are_found_and_strangers_are_not(
    leaking: tuple[Archive, list[str], list[str]],
) -> None:
    archive, honest, copied = leaking

    with archive.catalog.reading() as session:
        rows = candidates(session, "demo", licence="MIT").rows
        pairs = near_duplicates(session, "demo", rows).pairs

    found = {frozenset((pair.clip, pair.like)) for pair in pairs}
    assert {frozenset((honest[0], copied[1])), frozenset((honest[1], copied[2]))} <= found
    assert not any(copied[0] in pair for pair in found)
    assert all(pair.shared_seconds > 1 and pair.bit_error < 0.35 for pair in pairs)


def test_the_later_of_two_with_one_sound_in_two_splits_is_held_back_and_the_report_says_so(
    leaking: tuple[Archive, list[str], list[str]],
) -> None:
    archive, honest, copied = leaking

    published = archive.publish()

    assert published.held_back == {"heard_under_another_speaker": 2}
    assert report(archive, "1.1.0")["held_back"] == 2
    ids = {row["id"] for row in rows_of(archive.store, "1.1.0")}
    for one, other in ((honest[0], copied[1]), (honest[1], copied[2])):
        assert len({one, other} & ids) == 1
    assert verify(archive.store, "tiny", "1.1.0").ok


def test_the_report_counts_what_was_compared(leaking: tuple[Archive, list[str], list[str]]) -> None:
    archive, *_ = leaking
    archive.publish()

    said = report(archive, "1.1.0")

    assert said["compared"] == 6
    assert said["said_in_train"].keys() == {"validation", "test"}
    assert report(archive, "1.0.0")["compared"] == 0


def test_a_withdrawn_clip_is_named_in_no_report(archive: Archive, speech: Samples) -> None:
    for name in ("te-20", "te-21"):
        archive.add_speaker(name)
    # Heard together once, so that both are in one split: the copies stay, and are told.
    archive.add_recording("te-20", "te-21", clips=1)
    honest = add(archive, "te-20", speech[: 12 * RATE], clips=3)
    copied = add(archive, "te-21", joined(speech), clips=3)
    archive.publish()
    named = {clip for leak in report(archive, "1.0.0")["same_sound"] for clip in (leak["clip"], leak["like"])}
    assert {honest[0], copied[1]} <= named
    archive.withdraw("te-20")

    archive.erase()

    assert report(archive, "1.0.0")["same_sound"] == []
    assert verify(archive.store, "tiny", "1.0.0").ok


def report(archive: Archive, version: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(archive.store.get_bytes(f"datasets/tiny/{version}/leaks.json", 10**6))
    return said


def splits_by_speaker(archive: Archive) -> dict[str, str]:
    from catalog.tables import SpeakerSplit

    with archive.catalog.reading() as session:
        return {
            each.speaker_id.removeprefix("speaker-"): each.split for each in session.query(SpeakerSplit).all()
        }


def test_copies_that_stay_in_one_split_are_one_group_in_its_rows(archive: Archive, speech: Samples) -> None:
    for name in ("te-20", "te-21"):
        archive.add_speaker(name)
    archive.add_recording("te-20", "te-21", clips=1)
    honest = add(archive, "te-20", speech[: 12 * RATE], clips=3)
    copied = add(archive, "te-21", joined(speech), clips=3)
    archive.publish()

    groups = {row["id"]: row["duplicate_group"] for row in rows_of(archive.store, "1.0.0")}

    assert groups[honest[0]] == groups[copied[1]] is not None
    assert groups[honest[1]] == groups[copied[2]] != groups[honest[0]]
    assert groups[copied[0]] is None


def test_one_voice_under_two_pseudonyms_never_stands_in_two_splits_whoever_found_it(archive: Archive) -> None:
    archive.publish()
    by_split = splits_by_speaker(archive)
    train = next(name for name, split in sorted(by_split.items()) if split == "train" and name != "kn-01")
    test = next(name for name, split in sorted(by_split.items()) if split == "test")

    def found(rows: Sequence[Row]) -> Sequence[VoicePair]:
        one, other = (next(row.id for row in rows if row.speaker == name) for name in (train, test))
        return [VoicePair(one, other, 0.93)]

    plan = plan_release(
        archive.catalog,
        archive.store,
        archive.project,
        archive.release,
        text_faults=no_faults,
        voice_pairs=found,
    )

    assert plan.selection.held_back == {"voice_under_another_speaker": 2}
    assert [leak.across for leak in plan.leaks.same_voice] == [True]
    assert len({train, test} & {row.speaker for row in plan.selection.rows}) == 1


def test_two_processes_say_the_same_of_the_same_leaks_so_that_a_stopped_build_is_taken_up_again() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", REPORTED],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env={"PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": seed, "PATH": ""},
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(found) == 1
    assert found.pop().count("clip-19") >= 2
