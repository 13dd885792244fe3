from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.transcription_order import as_it_comes, growth, readings
from catalog.database import open_catalog
from transcription.slots.vocabulary import Growth, Kind, Outlook, Trait, WrittenClip, learn

MARKET, COUNTING = Trait(Kind.PROMPT, "market"), Trait(Kind.PROMPT, "counting")
POTTER, FARMER = Trait(Kind.OCCUPATION, "potter"), Trait(Kind.OCCUPATION, "farmer")


def written(*traits: Trait, words: str, minutes: float = 0.1) -> WrittenClip:
    return WrittenClip(traits, frozenset(words.split()), minutes)


def test_where_no_text_has_told_nothing_is_expected_to_differ() -> None:
    assert Growth().expect([MARKET, POTTER], {MARKET: 100}) == Outlook(1.0)


def test_what_everybody_reads_aloud_promises_nothing_the_second_time() -> None:
    texts = [
        written(Trait(Kind.PROMPT, str(prompt)), words=f"a{prompt} b{prompt} c{prompt} d{prompt}")
        for prompt in range(20)
        for _ in range(3)
    ]

    learnt = learn(texts)

    new, again = Trait(Kind.PROMPT, "new"), Trait(Kind.PROMPT, "7")
    assert learnt.expect([new], {}).share > 1.5
    assert learnt.expect([again], {again: 3}).share < 0.2
    assert learnt.expect([new], {new: 1}).share < 0.4  # one that is only asked for waits as well


def test_a_prompt_that_brings_more_than_others_is_told_from_one_that_brings_less() -> None:
    texts = [written(MARKET, words=" ".join(f"m{n}-{word}" for word in range(8))) for n in range(12)]
    texts += [written(COUNTING, words="one two three") for _ in range(12)]

    learnt = learn(texts)

    rich, poor = learnt.expect([MARKET], {MARKET: 12}), learnt.expect([COUNTING], {COUNTING: 12})
    assert rich.share > 2 * poor.share


def test_the_most_telling_trait_decides_and_is_named() -> None:
    texts = [
        written(COUNTING if n % 2 else MARKET, FARMER, words="one two" if n % 2 else f"m{n} x{n} y{n}")
        for n in range(40)
    ]

    outlook = learn(texts).expect([FARMER, COUNTING], {FARMER: 40, COUNTING: 20})

    assert outlook.trait == COUNTING
    assert "20 clips of the prompt counting come before it" in str(outlook)


def test_learning_does_not_depend_on_which_prompt_was_written_first() -> None:
    market = [written(MARKET, words=f"m{n} common") for n in range(8)]
    counting = [written(COUNTING, words="one two common") for _ in range(8)]

    assert learn(market + counting) == learn(counting + market)


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from([MARKET, COUNTING, POTTER, FARMER])),
            st.sets(st.sampled_from("abcdefgh")),
            st.floats(0.0, 1.0),
        )
    ),
    st.integers(0, 10**6),
)
def test_what_is_expected_is_a_positive_share_whatever_was_written(
    texts: list[tuple[set[Trait], set[str], float]], earlier: int
) -> None:
    learnt = learn(
        [WrittenClip(tuple(traits), frozenset(words), minutes) for traits, words, minutes in texts]
    )

    outlook = learnt.expect([MARKET, POTTER], {MARKET: earlier})

    assert outlook.share > 0 and str(outlook)


@pytest.mark.slow
def test_real_clips_bring_more_words_sooner_than_by_coverage_or_as_they_come(
    shared_data: Path, sqlite_template: Path, tmp_path: Path
) -> None:
    read = readings(data=shared_data)
    known: dict[bool, int] = {}
    for weigh in (False, True):
        path = tmp_path / f"{weigh}.sqlite"
        path.write_bytes(sqlite_template.read_bytes())
        catalog = open_catalog(f"sqlite:///{path}")
        known[weigh] = growth(catalog, read, weigh=weigh, seed=1, until=0.5)[4]
        catalog.close()

    assert known[True] > 1.2 * known[False]
    assert known[True] > 1.2 * as_it_comes(read, seed=1)[4]
