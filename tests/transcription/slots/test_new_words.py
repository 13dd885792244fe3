"""What texts teach stands for a while, and is learnt anew as more of them come."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from catalog.database import Catalog
from catalog.figures import kept_figure
from catalog.tables import Clip, Transcript
from tests.transcription.village import START, Village, build_village
from transcription.slots import new_words
from transcription.slots.new_words import growth_by_language
from transcription.slots.vocabulary import Growth


@pytest.fixture
def village(catalog: Catalog) -> Village:
    return build_village(catalog, clips=50, speakers=2)


def test_a_language_is_learnt_anew_when_a_twentieth_more_texts_came(village: Village) -> None:
    write(village, range(40))
    first = learnt(village, 1)

    write(village, [40])
    after_one = learnt(village, 2)
    write(village, [41])
    after_two = learnt(village, 3)

    assert first.factors and after_one == first
    assert after_two != first and learnt(village, 4) == after_two


def test_the_first_texts_of_a_language_are_learnt_from_at_once(village: Village) -> None:
    assert learnt(village, 1) == Growth()

    write(village, range(2))

    assert learnt(village, 2) != Growth()


def test_a_language_that_was_learnt_waits_where_enough_is_read_already(village: Village) -> None:
    write(village, range(10))
    first = learnt(village, 1)
    write(village, range(10, 30))

    assert learnt(village, 2, at_once=0) == first
    assert learnt(village, 3) != first


def test_of_several_versions_of_a_text_the_newest_teaches(village: Village) -> None:
    write(village, range(10))
    write(village, range(5), version=2)
    learnt(village, 1)

    assert texts_learnt_from(village) == 10


def learnt(village: Village, day: int, **how: int) -> Growth:
    return growth_by_language(village.context, ["te"], now=START + timedelta(days=day), **how)["te"]


def texts_learnt_from(village: Village) -> int:
    with village.catalog.reading() as session:
        figure = kept_figure(session, village.context.project.name, "new words of te", new_words._Learnt)
    assert figure is not None
    return int(figure.value.texts)


def write(village: Village, numbers: Iterable[int], version: int = 1) -> None:
    """Accepted texts of these clips, each with a word of its own."""
    with village.catalog.writing() as session:
        for number in numbers:
            clip = session.get_one(Clip, village.clips[number])
            text = f"వాన{number} పడింది"
            session.add(
                Transcript(
                    id=f"transcript-{number}-{version}",
                    clip_id=clip.id,
                    version=version,
                    verbatim=text,
                    normalised=text,
                    origin="single",
                    guideline="te/v1",
                    accepted_at=START + timedelta(minutes=number + 100 * version),
                )
            )
