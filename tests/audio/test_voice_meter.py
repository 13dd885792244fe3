"""A recording's voice as it is heard, and what is made of it beside others."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.detect.interface import RATE
from audio.interval import Interval
from audio.voices.compare import compare, others_alike, own_comparisons
from audio.voices.embedding import embed, likeness, unpacked
from audio.voices.heard import AT_ONCE, LENGTH, MOST_PARTS, VoiceMeter
from audio.voices.values import FEWEST_OWN, MODEL, SEVERAL, KnownEmbeddings
from tests.audio.speech import hear, mono

FOLDERS = {"te": "te/te-01_0??.mp3", "sw": "sw/sw-01_session_1.mp3", "kn": "kn/kn-01_session_1.wav"}


def heard_voice(sound, speech):
    meter = VoiceMeter()
    meter.feed(sound, tuple(speech), len(sound))
    return meter.finish()


@pytest.fixture(scope="module")
def takes(examples):
    """By language, four stretches of six seconds of one speaker's speech."""
    found = {}
    for language, files in FOLDERS.items():
        sound = np.concatenate([mono(path) for path in sorted((examples / "recordings").glob(files))])
        spoken = np.concatenate([sound[s.start : s.end] for s in hear(sound[: 60 * RATE]).speech])
        found[language] = [spoken[at : at + 6 * RATE] for at in range(0, 24 * RATE, 6 * RATE)]
    return found


@pytest.fixture(scope="module")
def voices(takes):
    return {
        language: [heard_voice(take, [Interval(0, len(take))]) for take in each]
        for language, each in takes.items()
    }


@given(cuts=st.lists(st.integers(1, 6 * RATE - 1), max_size=5))
@settings(max_examples=5, deadline=None)
def test_an_embedding_does_not_depend_on_how_the_sound_arrived(takes, voices, cuts):
    sound, meter = takes["te"][0], VoiceMeter()
    speech, ends = [Interval(0, 2 * RATE), Interval(2 * RATE, 6 * RATE)], [*sorted(cuts), len(sound)]
    start = 0
    for end in ends:
        whole = tuple(each for each in speech if each.end <= end)
        speech = [each for each in speech if each.end > end]
        meter.feed(sound[start:end], whole, speech[0].start if speech else end)
        start = end

    assert meter.finish() == voices["te"][0]


def test_it_is_the_voice_that_the_whole_clip_has(takes, voices):
    for language, each in takes.items():
        for sound, voice in zip(each, voices[language], strict=True):
            clip = embed(sound, [Interval(0, len(sound))])
            assert clip is not None and likeness(unpacked(voice.embedding), clip) > 0.95


def test_less_than_a_piece_of_speech_is_nobodys_voice(takes):
    assert heard_voice(takes["te"][0], [Interval(0, LENGTH - 1)]) is None
    assert heard_voice(takes["te"][0], [Interval(0, LENGTH)]) is not None
    assert heard_voice(np.zeros(3 * LENGTH, np.float32), [Interval(0, 3 * LENGTH)]) is None


def test_of_a_long_recording_a_bounded_share_is_heard(takes, monkeypatch):
    heard = []
    real = VoiceMeter._settle

    def counted(self):
        heard.append(len(self._waiting))
        real(self)

    monkeypatch.setattr(VoiceMeter, "_settle", counted)
    meter, piece = VoiceMeter(), takes["te"][0][:LENGTH]
    for at in range(400):
        meter.feed(piece, (Interval(at * LENGTH, (at + 1) * LENGTH),), (at + 1) * LENGTH)
    voice = meter.finish()

    assert voice is not None and voice.seconds == pytest.approx(400 * LENGTH / RATE)
    assert voice.model == MODEL and len(voice.embedding) == 512
    assert sum(heard) <= 4 * MOST_PARTS and max(heard) <= AT_ONCE


def test_a_recording_of_somebody_else_is_not_the_voice_of_the_speakers_others(voices):
    known = KnownEmbeddings(tuple(each.embedding for each in voices["te"][:3]), ())

    own = compare(voices["te"][3].embedding, known)
    others = [compare(each.embedding, known) for each in (*voices["sw"], *voices["kn"])]

    assert not own.is_other and own.likeness is not None
    assert all(each.is_other for each in others)
    assert max(each.likeness for each in others) < own.likeness


def test_with_too_few_recordings_nothing_is_said_of_whose_voice_it_is(voices):
    few = tuple(each.embedding for each in voices["te"][: FEWEST_OWN - 1])

    assert compare(voices["sw"][0].embedding, KnownEmbeddings(few, ())).likeness is None
    assert all(each.likeness is None for each in own_comparisons(few, ()))


def test_one_odd_recording_among_a_speakers_own_is_found_and_no_other(voices):
    theirs = [*voices["te"], voices["kn"][0]]

    found = own_comparisons([each.embedding for each in theirs], ())

    assert [each.is_other for each in found] == [False] * 4 + [True]


def test_a_voice_under_two_names_is_alike_and_other_voices_are_not(voices):
    first, again = voices["te"][:2], voices["te"][2:]
    of_each = [
        *(("again", each.embedding) for each in again),
        *(("first", each.embedding) for each in first),
        *(("kannada", each.embedding) for each in voices["kn"]),
        *(("swahili", each.embedding) for each in voices["sw"]),
    ]

    assert [name for name, _ in others_alike("first", of_each, ())] == ["again"]
    assert others_alike("kannada", of_each, ()) == ()
    new = compare(again[0].embedding, KnownEmbeddings((), (), tuple(of_each[2:])))
    assert [name for name, _ in new.alike] == ["first"]


def test_two_people_in_one_recording_are_told_from_one(takes):
    one = np.concatenate(takes["te"])
    two = np.concatenate([*takes["te"][:2], *takes["sw"][:2]])

    alone, together = (heard_voice(sound, [Interval(0, len(sound))]) for sound in (one, two))

    assert alone.within > SEVERAL > together.within


def test_of_few_pieces_nobody_says_how_many_people_speak(takes):
    assert heard_voice(takes["te"][0], [Interval(0, 3 * LENGTH)]).within is None
