"""Practice: the answer names every slip by its kind, and nothing of it touches how people are measured."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from catalog.config.settings import ROOT
from catalog.database import Catalog
from catalog.states import ReviewDecision, Role
from catalog.tables import Assessment, LedgerEntry, Review, Submission
from tests.transcription.village import Village, after, build_village, project_with
from transcription.gold import WEARS_OUT, add_gold, give_gold, retire_gold
from transcription.people import person_of
from transcription.practice.answer import Slip, answer_to
from transcription.practice.clips import next_practice, note_answer, practice_score
from transcription.queue import claim
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.rules.guideline import load_guideline
from transcription.rules.language import load_languages
from transcription.submission import submit

CONFIGS = ROOT / "configs"
TELUGU = load_guideline(CONFIGS, load_languages(CONFIGS / "languages")["te"])
RIGHT = "మా ఊరి చెరువు నిండింది"
TEXTS = st.lists(st.sampled_from(RIGHT.split()), max_size=8)


@pytest.mark.parametrize(
    ("written", "right", "slip"),
    [
        ("మా చెరువు నిండింది", RIGHT, Slip.MISSING),
        ("మా ఊరి పెద్ద చెరువు నిండింది", RIGHT, Slip.ADDED),
        ("మా ఊరి చెరువు నిండిందు", RIGHT, Slip.SPELLING),
        ("మా ఊరి బడి నిండింది", RIGHT, Slip.OTHER),
        ("25 మంది", "పాతిక మంది", Slip.NUMBER),
        ("నేను hospital వెళ్ళాను", "నేను హాస్పిటల్ వెళ్ళాను", Slip.SCRIPT),
    ],
)
def test_each_slip_is_called_by_its_kind(written, right, slip):
    assert [word.slip for word in answer_to(written, right, TELUGU).slips] == [slip]


def test_what_the_guideline_shows_as_its_example_is_shown_with_the_slip():
    (slip,) = answer_to("నేను hospital కి వెళ్ళాను", "నేను హాస్పిటల్ కి వెళ్ళాను", TELUGU).slips
    shown = answer_to("25 మంది", "ఇరవై మంది", TELUGU).slips[0].example

    assert slip.slip is Slip.SCRIPT
    assert shown is not None and shown.because == "Numbers are written as they are spoken."


def test_a_tag_that_was_left_out_is_named():
    found = answer_to("మా ఊరి చెరువు", "మా ఊరి <noise> చెరువు", TELUGU)

    assert (found.tags, found.slips) == (("noise",), ())


@given(TEXTS.filter(bool))
def test_the_right_text_is_all_right_and_every_word_of_it_is_in_the_answer(words):
    text = " ".join(words)
    found = answer_to(text, text, TELUGU)

    assert found.right == len(words) and not found.slips and not found.tags


@given(
    st.lists(st.sampled_from(RIGHT.split()), max_size=8),
    st.lists(st.sampled_from(RIGHT.split()), min_size=1, max_size=8),
)
def test_the_answer_has_both_texts_word_by_word_whatever_was_written(written, right):
    found = answer_to(" ".join(written), " ".join(right), TELUGU)

    assert [word.written for word in found.words if word.written] == written
    assert [word.right for word in found.words if word.right] == right


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Two clips whose texts a reviewer accepted, and four that nobody has written."""
    village = build_village(catalog, project_with({"transcribers": 1}, review={"share": 1.0}), clips=6)
    route_clips(village.context, now=after(0))
    author, lead = village.person("author"), village.person("lead", [Role.REVIEWER])
    for number in range(2):
        lease = claim(village.context, author.id, now=after(number))
        assert lease is not None
        submit(village.context, lease.hold, RIGHT, request_id="1", now=after(number))
        item = next_review(village.context, lead.id, now=after(number))
        assert item is not None
        decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(number))
    return village


def practised(village: Village, person_id: str, now):
    with village.catalog.writing() as session:
        person = person_of(session, person_id, Role.TRANSCRIBER, project=village.context.project.name)
        clip = next_practice(session, village.context.project.name, person, ["te"], now=now)
        if clip is not None:
            found = answer_to(RIGHT, clip.text, village.context.guidelines["te"])
            note_answer(session, village.context.project.name, person_id, clip, found, now=now)
    return clip


def test_a_person_practises_on_each_clip_once_and_nothing_of_it_counts(village: Village) -> None:
    asha = village.person("asha")
    with village.catalog.reading() as session:
        before = [
            session.scalar(select(func.count()).select_from(each)) for each in (Assessment, LedgerEntry)
        ]

    clips = [practised(village, asha.id, after(10)) for _ in range(3)]

    assert clips[0] and clips[1] and clips[0].clip_id != clips[1].clip_id and clips[2] is None
    with village.catalog.reading() as session:
        score = practice_score(session, village.context.project.name, asha.id)
        now = [session.scalar(select(func.count()).select_from(each)) for each in (Assessment, LedgerEntry)]
    assert (score.clips, score.right, score.words) == (2, 8, 8)
    assert before == now


def test_whoever_wrote_a_clip_does_not_practise_on_it(village: Village) -> None:
    with village.catalog.reading() as session:
        author = person_of(
            session,
            session.scalars(select(Submission.person_id).distinct()).one(),
            Role.TRANSCRIBER,
            project=village.context.project.name,
        )
        assert next_practice(session, village.context.project.name, author, ["te"], now=after(10)) is None


def test_a_gold_clip_in_use_is_never_practised_on_and_one_that_was_practised_never_measures(
    village: Village,
) -> None:
    asha, boss = village.person("asha"), village.person("boss", [Role.MANAGER])
    lead = village.person("other lead", [Role.REVIEWER])
    first = practised(village, asha.id, after(10))
    assert first is not None
    with village.catalog.reading() as session:
        second_task = session.scalars(select(Review.task_id).where(Review.task_id != first.task_id)).one()
    for task in (first.task_id, second_task):
        add_gold(village.context, task, reviewer_id=lead.id, now=after(11))

    assert practised(village, asha.id, after(12)) is None
    with village.catalog.writing() as session:
        person = person_of(session, asha.id, Role.TRANSCRIBER, project=village.context.project.name)
        given = [
            give_gold(session, village.context, person, ["te"], now=after(13), until=after(60))
            for _ in range(2)
        ]
    assert given[0] is not None and given[0].task_id == second_task and given[1] is None
    retire_gold(village.context, first.task_id, by=boss.id, now=after(14))
    ravi = village.person("ravi")
    clip = practised(village, ravi.id, after(15))
    assert clip is not None and clip.task_id == first.task_id
    assert practised(village, ravi.id, after(15) + WEARS_OUT + timedelta(days=1)) is not None
