"""Speakers whose voices are alike: in one split from the start, else held back or named."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.voices.embedding import packed
from audio.voices.values import MODEL
from catalog.tables import Clip, Recording, SpeakerSplit, Upload, VoiceEmbedding
from catalog.voices import keep_embedding
from releases.selection import candidates
from releases.voices import AlikeSpeakers, alike_speakers, clip_pairs, together
from tests.releases.conftest import NOON, Archive
from tests.releases.test_leaks import report

RANDOM = np.random.default_rng(14)
VOICES = {f"te-{number}": np.abs(RANDOM.normal(size=256)) for number in range(20, 60)}
"""Directions as strangers' embeddings have them: none negative, hardly like one another but for what all share."""


def takes_of(voice: np.ndarray, count: int = 3) -> list[bytes]:
    """Embeddings of one voice, each a little off."""
    noise = (0.15 * np.abs(RANDOM.normal(size=256)) for _ in range(count))
    return [packed(np.asarray(voice + each, np.float32)) for each in noise]


def speak(archive: Archive, name: str, voice: np.ndarray) -> list[str]:
    """Two recordings of a speaker whose embeddings are kept; their clips."""
    archive.add_speaker(name)
    clips = []
    for embedding in takes_of(voice, 2):
        made = archive.add_recording(name, clips=2)
        clips += made
        with archive.catalog.writing() as session:
            upload_id = session.get_one(Recording, session.get_one(Clip, made[0]).recording_id).upload_id
            session.get_one(Upload, upload_id).speaker_id = f"speaker-{name}"
            session.flush()
            keep_embedding(session, upload_id, embedding, model=MODEL, seconds=5.0, at=NOON)
    return clips


def split_of(archive: Archive) -> Mapping[str, str]:
    with archive.catalog.reading() as session:
        rows = session.execute(select(SpeakerSplit.speaker_id, SpeakerSplit.split))
        return {speaker.removeprefix("speaker-"): split for speaker, split in rows}


def uploads_of(session: Session, name: str) -> Sequence[str]:
    """Files of a speaker whose voice is kept."""
    return session.scalars(
        select(VoiceEmbedding.upload_id)
        .where(VoiceEmbedding.speaker_id == f"speaker-{name}")
        .order_by(VoiceEmbedding.upload_id)
    ).all()


def names(pairs: Sequence[AlikeSpeakers]) -> set[frozenset[str]]:
    return {frozenset((pair.first, pair.second)) for pair in pairs if pair.is_sure}


def test_one_voice_under_two_names_is_found_among_strangers_and_nobody_else_is() -> None:
    by_speaker = {name: takes_of(voice) for name, voice in VOICES.items()}
    by_speaker["again"] = takes_of(VOICES["te-33"])

    assert names(alike_speakers(by_speaker)) == {frozenset(("again", "te-33"))}
    assert alike_speakers({"te-33": by_speaker["te-33"]}) == alike_speakers({}) == ()


def test_a_voice_under_sixteen_names_is_one_group() -> None:
    by_speaker = {name: takes_of(voice) for name, voice in VOICES.items()}
    others = [f"again-{number}" for number in range(15)]
    by_speaker |= {name: takes_of(VOICES["te-33"]) for name in others}

    group = together(alike_speakers(by_speaker))["te-33"]

    assert group >= {"te-33", *others}
    assert len(group - {"te-33", *others}) <= 1


def test_a_chain_of_likely_pairs_binds_nobody_whose_ends_are_strangers() -> None:
    chain = [AlikeSpeakers(f"{n:02}", f"{n + 1:02}", 0.9 - n / 100, is_sure=True) for n in range(10)]

    groups = together(chain)

    assert max(len(group) for group in groups.values()) == 2


@pytest.fixture
def strangers(archive: Archive) -> Archive:
    """A version of strangers, their splits frozen."""
    for name in list(VOICES)[:12]:
        speak(archive, name, VOICES[name])
    archive.publish()
    return archive


def test_a_new_speaker_of_a_known_voice_goes_where_that_voice_is(strangers: Archive) -> None:
    splits = split_of(strangers)
    known = next(name for name, split in sorted(splits.items()) if name in VOICES and split != "train")
    speak(strangers, "te-90", VOICES[known])

    strangers.publish()

    assert split_of(strangers)["te-90"] == split_of(strangers)[known]
    said = report(strangers, "1.1.0")
    assert [pair["across"] for pair in said["same_voice"]] == [False]
    assert said["voices"] == 13


def test_a_voice_that_stands_in_two_splits_already_is_held_back_in_one_of_them(strangers: Archive) -> None:
    splits = split_of(strangers)
    one, other = (
        next(
            name
            for name, split in sorted(splits.items())
            if name in VOICES and (split == "train") is is_train
        )
        for is_train in (True, False)
    )
    with strangers.catalog.writing() as session:
        for upload_id, embedding in zip(uploads_of(session, other), takes_of(VOICES[one], 2), strict=True):
            keep_embedding(session, upload_id, embedding, model=MODEL, seconds=5.0, at=NOON)

    published = strangers.publish()

    assert published.held_back.get("voice_under_another_speaker", 0) == 4
    assert report(strangers, "1.1.0")["held_back"] == 4


def test_clips_in_another_voice_are_known_faults_and_counted_on_the_card(strangers: Archive) -> None:
    name = next(iter(VOICES))
    with strangers.catalog.writing() as session:
        upload_id = uploads_of(session, name)[0]
        kept = keep_embedding(session, upload_id, b"\0" * 512, model=MODEL, seconds=5.0, at=NOON)
        assert kept is not None
        kept.likeness, kept.is_other = 0.02, True
    strangers.add_recording(name, clips=1)

    strangers.publish()

    said = report(strangers, "1.1.0")
    assert (said["voice_compared"], said["not_their_voice"]) == (2, 2)
    card = strangers.store.get_bytes("datasets/tiny/1.1.0/README.md", 10**6).decode()
    assert "`other_voice`, 2 clips" in card


def test_pairs_of_clips_are_the_first_of_each_speaker(strangers: Archive) -> None:
    with strangers.catalog.reading() as session:
        rows = candidates(session, "demo", licence="MIT").rows
    first, second = sorted({row.voices[0] for row in rows if len(row.voices) == 1})[:2]

    sure, unsure = ([AlikeSpeakers(first, second, 0.7, is_sure=each)] for each in (True, False))

    (pair,), nothing = clip_pairs(sure, rows)
    assert nothing == ()
    voices = {row.id: row.voices for row in rows}
    assert (voices[pair.clip], voices[pair.like]) == ((first,), (second,))
    assert clip_pairs(unsure, rows) == ((), (pair,))
