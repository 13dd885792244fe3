"""The bench's people err as they are said to, and the services bring their texts to what is promised."""

import random
from pathlib import Path

import pytest

from bench.transcribers import Writer, slip, write_down
from bench.transcription_simulation import REVIEWER, TEN_PERCENT, mend, plain, work
from bench.true_clips import GOLD, SENTENCES, Truth, true_clips
from catalog.config.project import AgreementRules
from catalog.database import open_catalog
from transcription.decisions.agreement import error_rates, total


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> Truth:
    assert SENTENCES.is_relative_to(shared_data)
    return true_clips("ml", 40, seed=7)


@pytest.mark.parametrize("rate", [0.03, 0.10, 0.20])
def test_a_writer_errs_as_often_as_is_said(truth: Truth, rate: float) -> None:
    writers = [Writer(f"w{n}", "good", rate) for n in range(8)]

    rates = [
        error_rates(clip.text, truth.text(index, writer), truth.guideline)
        for writer in writers
        for index, clip in enumerate(truth.clips)
    ]

    assert total(rates).wer == pytest.approx(rate, rel=0.35)


def test_a_writer_writes_the_same_for_a_clip_whenever_asked(truth: Truth) -> None:
    writer = Writer("w", "careless", 0.2)

    assert [truth.text(n, writer) for n in range(9)] == [truth.text(n, writer) for n in range(9)]


def test_a_slip_changes_a_word_and_leaves_one() -> None:
    dice = random.Random(1)

    for word in ("వాన", "बारिश", "മഴ", "a", "ng'ombe"):
        assert slip(word, dice) not in ("", word)


def test_two_of_one_dialect_are_wrong_alike(truth: Truth) -> None:
    texts = [write_down(Writer(name, "dialect", 0.0), truth.clips[0], [], random.Random(1)) for name in "ab"]

    assert texts[0] == texts[1]


def test_a_perfect_reviewer_leaves_nothing_wrong_and_an_absent_one_everything(truth: Truth) -> None:
    clip = truth.clips[0]
    wrong = " ".join(["తప్పు", *clip.words[1:]])

    assert mend(wrong, clip, 1.0, random.Random(1)) == clip.text
    assert mend(wrong, clip, 0.0, random.Random(1)) == wrong


@pytest.mark.slow
def test_the_services_release_better_texts_than_plain_strategies_for_fewer_transcriptions(
    truth: Truth, tmp_path: Path
) -> None:
    catalog = open_catalog(f"sqlite:///{tmp_path}/boli.sqlite")

    cost = work(truth, TEN_PERCENT, AgreementRules(), name="ours", reviewer=REVIEWER, catalog=catalog).cost
    catalog.close()

    one, two, three, _ = plain(truth, TEN_PERCENT, REVIEWER)
    assert cost.released == 1.0 and cost.wer is not None
    assert one.wer and two.wer and three.wer and cost.wer < three.wer < one.wer
    assert cost.transcriptions < 2.5 and cost.reviews < 0.9
    assert len(truth.clips) == 40 + GOLD
