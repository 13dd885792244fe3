"""Signs against a text, and the model of a language's letters."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bench.transcribers import read_sentences
from catalog.database import Catalog
from catalog.states import TaskState
from catalog.tables import Judgement, Slot, Task, Transcript
from tests.transcription.village import after, build_village, guidelines, project_with
from transcription.decisions.grounds import Ground, why_of
from transcription.decisions.language_fit import LanguageFit, learn
from transcription.decisions.language_models import learn_model
from transcription.decisions.plausibility import (
    Earlier,
    Sign,
    copied,
    language,
    nearly_same,
    pace,
    repeated,
    unheard,
)
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.rules.guideline import Pace
from transcription.submission import submit
from transcription.text import comparison

LONG = "మా ఊరి చెరువు నిండింది"


@pytest.fixture(scope="module")
def malayalam(shared_data: Path) -> list[str]:
    sentences = read_sentences(shared_data / "transcribed", ["ml"])["ml"]
    return [comparison(text, guidelines()["ml"]) for text in sentences]


@pytest.fixture(scope="module")
def fit(malayalam: list[str]) -> LanguageFit:
    learnt = learn(malayalam[::2])
    assert learnt is not None
    return learnt


def earlier(text: str, task: str, *, confirmed: bool = False, person: str = "asha") -> Earlier:
    return Earlier(person, task, text, seconds_ago=60.0, confirmed=confirmed)


def test_more_or_less_than_can_be_said_is_odd() -> None:
    allowed = Pace(at_least=0.6, at_most=20)

    assert pace("ab cd", 2.0, allowed) is None
    assert pace("", 2.0, allowed) is None
    for text, seconds in (("a" * 50, 2.0), ("a", 10.0)):
        oddity = pace(text, seconds, allowed)
        assert oddity is not None and oddity.sign is Sign.PACE


def test_nobody_hears_a_clip_in_less_time_than_it_lasts() -> None:
    assert unheard(None, 5.0) is None and unheard(6.0, 5.0) is None
    assert unheard(1.0, 5.0) is not None


def test_the_same_text_for_clip_after_clip_is_odd_unless_it_was_right() -> None:
    unconfirmed = [earlier(LONG, "1"), earlier(LONG + "!", "2")]
    confirmed = [earlier(LONG, str(n), confirmed=True) for n in range(9)]

    assert repeated(LONG, "3", unconfirmed) is not None
    assert repeated(LONG, "3", unconfirmed[:1]) is None
    assert repeated(LONG, "3", confirmed) is None  # a prompt that many read
    assert repeated("అవును", "3", [earlier("అవును", str(n)) for n in range(9)]) is None


def test_what_somebody_else_wrote_for_another_clip_is_a_copy_and_for_the_same_clip_is_not() -> None:
    others = [earlier(LONG, "1", person="ravi")]

    assert copied(LONG, "2", "asha", others) is not None
    assert copied(LONG, "1", "asha", others) is None
    assert copied(LONG, "2", "asha", others, within=30.0) is None


def test_the_language_is_told_from_keys_struck_at_random(fit: LanguageFit, malayalam: list[str]) -> None:
    dice = random.Random(1)
    new = [text for text in malayalam[1::2] if text not in malayalam[::2]]
    letters = sorted(set("".join(malayalam)))
    struck = ["".join(dice.choices(letters, k=30)) for _ in new]

    refused = sum(fit.strange(text) for text in new) / len(new)
    caught = sum(fit.strange(text) for text in struck) / len(struck)

    assert refused <= 0.02 and caught >= 0.98


def test_another_language_in_the_same_script_is_strange(malayalam: list[str], shared_data: Path) -> None:
    sentences = read_sentences(shared_data / "transcribed", ["hi"])["hi"]
    hindi = [comparison(text, guidelines()["hi"]) for text in sentences]
    as_malayalam = ["".join(_moved(letter) for letter in text) for text in hindi if len(text) > 30]
    fit = learn(malayalam)
    assert fit is not None

    assert sum(fit.strange(text) for text in as_malayalam) / len(as_malayalam) >= 0.9


def _moved(letter: str) -> str:
    """The same letter in Malayalam's block."""
    return chr(ord(letter) - 0x0900 + 0x0D00) if "\u0900" <= letter <= "\u097f" else letter


def test_of_few_texts_nothing_is_learnt_and_nothing_is_strange() -> None:
    assert learn(["ఒక", "రెండు"] * 40) is None
    assert language("anything", None) is None


@settings(max_examples=40)
@given(st.text(max_size=30))
def test_any_text_has_bits(text: str) -> None:
    fit = learn([f"text number {n}" for n in range(60)])
    assert fit is not None

    assert fit.bits(text) > 0
    assert isinstance(fit.strange(text), bool)
    assert nearly_same(text, text)


def test_an_odd_text_does_not_pass_alone_but_with_another(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=1)
    route_clips(village.context, now=after(0))
    for number, name in enumerate(("asha", "ravi")):
        lease = claim(village.context, village.person(name).id, now=after(number))
        assert lease is not None
        seconds = 0.5 if name == "asha" else 40.0
        submit(village.context, lease.hold, LONG, request_id="1", now=after(number), active_seconds=seconds)
        with catalog.reading() as session:
            states = session.scalars(select(Task.state)).all()
        assert states == [TaskState.DISPUTED if name == "asha" else TaskState.ACCEPTED]

    with catalog.reading() as session:
        first = session.scalars(select(Judgement).where(Judgement.number == 1)).one()
        assert "written in 0.5 s" in first.because
        assert why_of(first, None).grounds == (Ground.SIGNS,) and Sign.UNHEARD in why_of(first, None).signs
        assert len(session.scalars(select(Slot)).all()) == 2
        assert session.scalars(select(Transcript.verbatim)).one() == LONG


def test_a_language_without_enough_texts_has_no_model(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)

    with catalog.reading() as session:
        assert learn_model(session, village.context.project.name, village.context.guidelines["te"]) is None
