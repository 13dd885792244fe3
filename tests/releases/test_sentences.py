"""Sentences that stand in several splits are counted, and on request stand in one."""

import json
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from catalog.config.release_rules import Splits
from releases.rows import SPLITS, Row, Split, SplitOf
from releases.sentences import in_other_splits, said_in_train, sentence
from tests.releases.conftest import Archive
from tests.releases.rows import row

WORDS = ("నాకు పాట", "మా ఊరు", "చెట్టు కింద", "వాన పడింది")


def read_by_many(texts: list[str], splits: list[Split]) -> tuple[list[Row], SplitOf]:
    rows = [row(id=f"clip-{number}", text=text) for number, text in enumerate(texts)]
    by_clip = {each.id: split for each, split in zip(rows, splits, strict=True)}
    return rows, lambda row: by_clip[row.id]


def gone_of(rows: list[Row], split_of: SplitOf) -> set[str]:
    return set(in_other_splits(rows, split_of, Splits(), key="tiny"))


def test_capitals_punctuation_and_tags_make_no_other_sentence() -> None:
    assert sentence(row(text="The bus, <noise> came.")) == sentence(row(text="the bus came"))
    assert sentence(row(text="the bus came", language="en")) != sentence(row(text="the bus came"))


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPLITS)), max_size=40))
def test_what_is_left_says_no_sentence_in_two_splits_and_no_sentence_is_lost(
    clips: list[tuple[str, Split]],
) -> None:
    rows, split_of = read_by_many([text for text, _ in clips], [split for _, split in clips])

    gone = gone_of(rows, split_of)

    left = [each for each in rows if each.id not in gone]
    homes: dict[tuple[str, str], set[Split]] = {}
    for each in left:
        homes.setdefault(sentence(each), set()).add(split_of(each))
    assert all(len(found) == 1 for found in homes.values())
    assert homes.keys() == {sentence(each) for each in rows}
    assert sum(said_in_train(left, split_of).values()) == 0


def test_sentences_that_everybody_reads_are_shared_out_as_the_hours_are() -> None:
    texts = [f"వాక్యం {number}" for number in range(1000)]
    rows, split_of = read_by_many(
        [text for text in texts for _ in SPLITS], [split for _ in texts for split in SPLITS]
    )

    gone = gone_of(rows, split_of)

    left = Counter(split_of(each) for each in rows if each.id not in gone)
    assert left.total() == 1000
    assert 760 < left["train"] < 840 and 70 < left["validation"] < 130 and 70 < left["test"] < 130


def test_a_sentence_keeps_its_split_however_many_more_say_it() -> None:
    rows, split_of = read_by_many(["నాకు పాట"] * 3, ["train", "test", "validation"])
    before = gone_of(rows, split_of)
    more, split_of_more = read_by_many(["నాకు పాట"] * 9, ["train", "test", "validation"] * 3)

    after = gone_of(more, split_of_more)

    assert before <= after


def test_a_dataset_that_asks_for_it_has_no_test_sentence_in_train_and_says_what_that_cost(
    archive: Archive,
) -> None:
    apart = replace(archive.release, splits=Splits(keep_sentences_apart=True))

    published = archive.publish(rules=apart)

    said = json.loads(archive.store.get_bytes("datasets/tiny/1.0.0/leaks.json", 10**6))
    assert said["said_in_train"] == {"validation": 0, "test": 0}
    assert said["held_back_for_their_sentence"] == published.held_back["said_in_another_split"] > 0
    card = archive.store.get_bytes("datasets/tiny/1.0.0/README.md", 10**6).decode()
    assert "its sentence is also said in another split" in card
