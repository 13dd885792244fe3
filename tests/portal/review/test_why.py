"""The explanation to a reviewer why they are asked: plainly, in their language, from codes."""

import pytest

from catalog.states import Role
from portal.i18n.translation import interface_language
from portal.review.why import explanation
from tests.portal.people import sign_in
from transcription import queue, review, submission
from transcription.clip_reports import reporting
from transcription.decisions.grounds import Ground, Why
from transcription.decisions.plausibility import Sign

JARGON = "CER 0.209 between the closest two of 3, allowed 0.1"
TEXTS = (
    "ఈ రోజు మార్కెట్‌లో టమాటా ధర నలభై రూపాయలు",
    "నిన్న బజారులో ఎవరూ లేరు అన్నాడు",
    "అమ్మ బడికి వెళ్ళింది పిల్లలతో కలిసి",
)


def in_english(why: Why, measure="cer") -> str:
    return explanation(why, measure, interface_language("en"))


def next_why(portal) -> Why:
    lead = sign_in(portal, "lakshmi", [Role.REVIEWER])
    item = review.next_review(portal.project_context("demo"), lead.person_id, now=portal.clock())
    assert item is not None
    return item.why


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        (
            Why(JARGON, (Ground.DIFFER,), error=0.209),
            "The two closest texts differ in 21% of their letters",
        ),
        (Why(JARGON, (Ground.WORDS,), error=0.05), "Only single words differ"),
        (
            Why(JARGON, (Ground.ALIKE,), error=0.0),
            "The texts agree, but too little is known of those who wrote them to rely on it",
        ),
        (Why("drawn", (Ground.DRAWN,)), "Drawn by lot, to see that all goes well"),
        (Why("written again", (Ground.REWRITTEN,)), "Written again after it was sent back"),
        (
            Why("nobody", (Ground.ALONE, Ground.DIFFER), error=0.4),
            "Nobody else was there to write it too · The two closest texts differ in 40% of their letters",
        ),
        (
            Why("x", (Ground.SAID,), reason="cut_words"),
            "Somebody who heard it says: It begins or ends inside a word",
        ),
        (Why("is it right?", (Ground.ASKED,)), "Somebody asks for a look: is it right?"),
        (
            Why("odd", (Ground.SIGNS,), signs=(Sign.REPEATED, Sign.COPIED, Sign.UNHEARD)),
            "Nearly the same text was written for another clip · Written in less time than the clip lasts",
        ),
    ],
)
def test_a_ground_is_told_in_plain_words(why, sentence):
    assert in_english(why) == sentence


def test_a_rate_over_words_is_not_told_as_one_over_letters():
    assert in_english(Why("WER 0.5", (Ground.DIFFER,), error=0.5), "wer") == "The texts differ"


@pytest.mark.parametrize(
    "why", [Why(JARGON), Why(JARGON, (Ground.SAID,), reason="of_long_ago"), Why(JARGON, (Ground.SIGNS,))]
)
def test_the_stored_words_stand_where_no_code_says_it(why):
    assert in_english(why) == JARGON


@pytest.mark.parametrize("language", ["hi", "te", "ur"])
@pytest.mark.parametrize("ground", [ground for ground in Ground if ground is not Ground.ASKED])
def test_every_ground_is_told_in_the_readers_language(ground, language):
    why = Why("English words", (ground,), error=0.209, signs=tuple(Sign), reason="offensive")

    said = explanation(why, "cer", interface_language(language))

    assert said != explanation(why, "cer", interface_language("en")) and not any(
        "a" <= letter <= "z" for letter in said
    )


def test_texts_that_differ_come_with_their_ground_and_figure(busy_portal):
    project_context = busy_portal.project_context("demo")
    for number, text in enumerate(TEXTS):
        person = sign_in(busy_portal, f"writer-{number}", [Role.TRANSCRIBER])
        lease = queue.claim(project_context, person.person_id, now=busy_portal.clock())
        submission.submit(
            project_context,
            lease.hold,
            text,
            request_id=f"request-{number}",
            now=busy_portal.clock(),
            active_seconds=30,
        )

    why = next_why(busy_portal)

    assert why.grounds == (Ground.DIFFER,) and why.error is not None and why.words.startswith("CER")
    assert in_english(why).startswith("The two closest texts differ in ")


@pytest.mark.parametrize("written", [False, True])
def test_a_reported_clip_comes_with_the_code_it_was_reported_for(busy_portal, written):
    project_context = busy_portal.project_context("demo")
    for number, text in enumerate(TEXTS[:1] if written else ()):
        person = sign_in(busy_portal, f"writer-{number}", [Role.TRANSCRIBER])
        lease = queue.claim(project_context, person.person_id, now=busy_portal.clock())
        submission.submit(
            project_context,
            lease.hold,
            text,
            request_id=f"request-{number}",
            now=busy_portal.clock(),
            active_seconds=30,
        )
    person = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    lease = queue.claim(project_context, person.person_id, now=busy_portal.clock())
    reporting.report(
        project_context, lease.hold, reason_code="offensive", request_id="report-1", now=busy_portal.clock()
    )

    why = next_why(busy_portal)

    assert (why.grounds[0], why.reason) == (Ground.SAID, "offensive")
    assert in_english(why).startswith("Somebody who heard it says: Insults or hatred")
