"""Splits are by speaker, stratified, and frozen."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from catalog.config.project import Splits
from releases.rows import SPLITS, Split
from releases.splits import Voice, assign, quotas

SHARES = Splits()


def crowd(count: int, *, language: str = "te", begin: int = 0) -> list[Voice]:
    return [
        Voice(f"{language}-{number}", language, (language, "female" if number % 2 else "male"))
        for number in range(begin, begin + count)
    ]


@given(st.integers(1, 300), st.sampled_from([Splits(), Splits(train=0.6, validation=0.2, test=0.2)]))
def test_every_voice_gets_one_split_and_each_split_its_share(count: int, shares: Splits) -> None:
    splits = assign(crowd(count), {}, shares, key="tiny")

    assert len(splits) == count
    assert Counter(splits.values()) == Counter({k: v for k, v in quotas(count, shares).items() if v})
    if count >= 3:
        assert set(splits.values()) == set(SPLITS)


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
        Voice(f"te-{number}", "te", ("te",), frozenset(heard[number] - {f"te-{number}"}))
        for number in range(20)
    ]

    splits = assign(voices, {}, SHARES, key="tiny")

    assert all(splits[f"te-{one}"] == splits[f"te-{other}"] for one, other in pairs)
