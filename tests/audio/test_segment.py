from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.detect.interface import RATE
from audio.interval import Interval
from audio.recipe import SegmentationRules
from audio.segment import Segmenter
from tests.audio.speech import from_seconds, hear, session

RULES = SegmentationRules()


@st.composite
def recordings(draw):
    """(speech, length): a few minutes of speech and pauses of all lengths, in samples."""
    speech, at = [], draw(st.integers(0, 30_000))
    for pause, spoken in draw(
        st.lists(st.tuples(st.integers(0, 60_000), st.integers(400, 400_000)), min_size=0, max_size=25)
    ):
        speech.append(Interval(at + pause, at + pause + spoken))
        at += pause + spoken
    return speech, at + draw(st.integers(0, 60_000))


def segment(speech, length, rules=RULES):
    segmenter = Segmenter(rules)
    return segmenter.feed(speech, length) + segmenter.finish(length)


@settings(max_examples=200)
@given(recordings())
def test_utterances_are_in_order_apart_and_inside_the_recording(recording):
    speech, length = recording

    utterances = segment(speech, length)

    assert all(a.end <= b.start for a, b in pairwise(utterances))
    assert all(0 <= u.start < u.end <= length for u in utterances)
    assert all(type(u.start) is int and type(u.end) is int for u in utterances)


@settings(max_examples=200)
@given(recordings())
def test_no_utterance_is_longer_than_the_recipe_allows(recording):
    assert all(u.length <= RULES.max_length_ms * RATE // 1000 for u in segment(*recording))


@settings(max_examples=200)
@given(recordings())
def test_no_speech_worth_hearing_is_left_out(recording):
    speech, length = recording

    utterances = segment(speech, length)

    for spoken in speech:
        covered = sum(max(0, min(u.end, spoken.end) - max(u.start, spoken.start)) for u in utterances)
        alone = spoken.length < RULES.min_speech_ms * RATE // 1000
        assert covered == spoken.length or (alone and covered == 0)


@settings(max_examples=150)
@given(recordings(), st.lists(st.integers(1, 90_000), min_size=1, max_size=5))
def test_utterances_do_not_depend_on_how_the_speech_arrived(recording, steps):
    speech, length = recording

    segmenter, utterances, settled, waiting, turn = Segmenter(RULES), [], 0, list(speech), 0
    while settled < length:
        settled = min(length, settled + steps[turn % len(steps)])
        turn += 1
        known = [s for s in waiting if s.end <= settled]
        waiting = waiting[len(known) :]
        # a detector says "settled" up to the speech that is still going on
        utterances += segmenter.feed(known, min(settled, waiting[0].start if waiting else length))
    utterances += segmenter.finish(length)

    assert utterances == segment(speech, length)


@settings(max_examples=150)
@given(recordings())
def test_nothing_is_cut_from_sound_that_was_given_up(recording):
    speech, length = recording

    segmenter, horizon = Segmenter(RULES), 0
    for spoken in speech:
        for utterance in segmenter.feed([spoken], spoken.end):
            assert utterance.start >= horizon
        horizon = segmenter.horizon
        # never more than the longest piece, the longest stretch and its neighbour are looked back upon
        assert spoken.end - horizon <= spoken.length + 3 * RULES.max_length_ms * RATE // 1000
    assert all(u.start >= horizon for u in segmenter.finish(length))


def test_a_short_pause_stays_inside_an_utterance_and_a_long_one_parts_two():
    speech = from_seconds([(1, 3), (3.4, 5), (7, 9)])

    assert segment(speech, 10 * RATE) == from_seconds([(0.7, 5.3), (6.7, 9.3)])


def test_a_word_all_alone_keeps_silence_around_it():
    (utterance,) = segment(from_seconds([(4, 4.3)]), 10 * RATE)

    assert utterance.length >= RULES.min_length_ms * RATE // 1000 - 1
    assert utterance.start < 4 * RATE
    assert utterance.end > 4.3 * RATE


def test_a_click_all_alone_is_not_an_utterance():
    assert segment(from_seconds([(4, 4.05)]), 10 * RATE) == []


def test_a_long_stretch_is_split_at_its_longest_pause():
    speech = from_seconds([(0, 6), (6.1, 9), (9.45, 13), (13.1, 20)])

    first, second = segment(speech, 21 * RATE)

    assert 9 * RATE < first.end <= 9.45 * RATE
    assert second.start >= first.end


def test_speech_without_a_pause_is_split_where_the_sound_is_weakest():
    segmenter = Segmenter(RULES, lambda span: 11 * RATE)

    first, second = segmenter.feed([Interval(0, 20 * RATE)], 20 * RATE) + segmenter.finish(20 * RATE)

    assert first.end == second.start == 11 * RATE


def test_padding_never_takes_a_neighbours_sound():
    speech = from_seconds([(1, 3), (3.52, 6)])

    first, second = segment(speech, 8 * RATE)

    assert first.end == second.start
    assert 3 * RATE < first.end < 3.52 * RATE


@pytest.mark.slow
def test_a_field_session_is_cut_between_its_utterances_and_none_is_lost(examples):
    samples, spoken = session(examples)

    utterances = hear(samples).utterances

    for sentence in from_seconds(spoken):
        covered = sum(max(0, min(u.end, sentence.end) - max(u.start, sentence.start)) for u in utterances)
        assert covered > 0.85 * sentence.length
