"""Splits are by speaker, by share of the time, stratified, and frozen."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from catalog.config.release_rules import Splits
from releases.rows import SPLITS, Split
from releases.splits import Voice, assign

SHARES = Splits()


def crowd(count: int, *, language: str = "te", begin: int = 0, seconds: float = 60.0) -> list[Voice]:
    return [
        Voice(f"{language}-{number}", language, seconds, (language, "female" if number % 2 else "male"))
        for number in range(begin, begin + count)
    ]


def shares_of(voices: list[Voice], splits: dict[str, Split]) -> dict[Split, float]:
    whole = sum(voice.seconds for voice in voices)
    return {
        split: sum(voice.seconds for voice in voices if splits[voice.id] == split) / whole for split in SPLITS
    }


@given(st.lists(st.floats(1, 7200), min_size=1, max_size=150))
def test_every_voice_gets_one_split_and_no_split_is_empty_that_can_have_somebody(times: list[float]) -> None:
    voices = [Voice(f"te-{number}", "te", each, ("te",)) for number, each in enumerate(times)]

    splits = assign(voices, {}, SHARES, key="tiny")

    assert len(splits) == len(times)
    wanted = {1: {"train"}, 2: {"train", "test"}}.get(len(times), set(SPLITS))
    assert set(splits.values()) == wanted


def test_each_split_gets_its_share_of_the_time_though_speakers_speak_unequally_long() -> None:
    for seed in range(20):
        draw = random.Random(seed)
        voices = [
            Voice(f"te-{number}", "te", 60 * draw.lognormvariate(2, 1), ("te", draw.choice("fm")))
            for number in range(60)
        ]

        found = shares_of(voices, assign(voices, {}, SHARES, key=str(seed)))

        assert abs(found["train"] - 0.8) < 0.02 and abs(found["test"] - 0.1) < 0.02, (seed, found)


def test_one_speaker_of_most_of_the_time_is_in_train() -> None:
    voices = [*crowd(9), Voice("te-long", "te", 3600.0, ("te", "male"))]

    splits = assign(voices, {}, SHARES, key="tiny")

    assert splits["te-long"] == "train"


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_a_speaker_never_moves_as_others_come(steps: list[int]) -> None:
    frozen: dict[str, Split] = {}
    count = 0
    for step in steps:
        count += step
        splits = assign(crowd(count), frozen, SHARES, key="tiny")
        assert {voice: splits[voice] for voice in frozen} == frozen
        frozen = splits


@given(st.permutations(crowd(20)))
def test_the_order_in_which_speakers_come_does_not_matter(voices: list[Voice]) -> None:
    assert assign(voices, {}, SHARES, key="tiny") == assign(crowd(20), {}, SHARES, key="tiny")


def test_a_share_of_nothing_gets_nobody() -> None:
    splits = assign(crowd(20), {}, Splits(train=0.8, validation=0.0, test=0.2), key="tiny")

    assert Counter(splits.values()) == {"train": 16, "test": 4}


def test_another_dataset_draws_other_speakers() -> None:
    assert assign(crowd(40), {}, SHARES, key="tiny") != assign(crowd(40), {}, SHARES, key="other")


def test_each_split_has_both_genders_where_there_is_room() -> None:
    splits = assign(crowd(40), {}, SHARES, key="tiny")

    for split in SPLITS:
        genders = Counter(voice.stratum[1] for voice in crowd(40) if splits[voice.id] == split)
        assert genders["female"] == genders["male"]


def test_each_language_is_split_for_itself() -> None:
    splits = assign([*crowd(10), *crowd(1, language="kn")], {}, SHARES, key="tiny")

    assert Counter(splits[f"te-{number}"] for number in range(10)) == {"train": 8, "validation": 1, "test": 1}
    assert splits["kn-0"] == "train"


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25))
def test_voices_heard_together_go_together(pairs: list[tuple[int, int]]) -> None:
    heard: dict[int, set[str]] = {number: set() for number in range(20)}
    for one, other in pairs:
        heard[one].add(f"te-{other}")
        heard[other].add(f"te-{one}")
    voices = [
        Voice(f"te-{number}", "te", 60.0, ("te",), frozenset(heard[number] - {f"te-{number}"}))
        for number in range(20)
    ]

    splits = assign(voices, {}, SHARES, key="tiny")

    assert all(splits[f"te-{one}"] == splits[f"te-{other}"] for one, other in pairs)
