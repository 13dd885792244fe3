"""Language models are learnt when they are asked for, one by one, and anew after a while."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import event

from catalog.database import Catalog
from catalog.states import ReviewDecision, Role
from tests.transcription.village import START, after, build_village, project_with
from transcription.decisions.language_fit import LanguageFit
from transcription.decisions.language_models import LAST, LanguageModels, learn_model
from transcription.queue import claim
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.submission import submit

HOME, SLIP = "ఇంటికి", "ఇంటిక"
"""A word of the language, and what a hurried hand makes of it."""
YESTERDAY = "నిన్న"
SAID = [
    f"{who} {where} {when} వెళ్ళాడు"
    for who, where, when in product(
        ("రాము", "రవి", "సోము", "గోపి", "బాలు"), (HOME, "బడికి", "ఊరికి", "పొలానికి"), (YESTERDAY, "ఇవాళ", "మొన్న")
    )
]


@pytest.fixture
def reads(catalog: Catalog) -> list[str]:
    """What is asked of the accepted texts."""
    reads: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "transcript" in statement:
            reads.append(statement)

    event.listen(catalog.engine, "before_cursor_execute", note)
    return reads


def test_a_language_is_learnt_once_when_it_is_asked_for_and_anew_after_a_while(catalog, reads):
    village, now = build_village(catalog, clips=1), [START]
    models = LanguageModels(catalog, "demo", village.context.guidelines, lambda: now[0])

    assert reads == []
    assert models.get("te") is None and models.get("te") is None and "xx" not in models
    assert len(reads) == 1
    now[0] += LAST + timedelta(seconds=1)
    assert models.get("te") is None
    assert len(reads) == 2


def test_nothing_is_learnt_for_whom_nothing_is_judged(catalog, reads):
    village = build_village(catalog, clips=1)

    LanguageModels(catalog, "demo", village.context.guidelines, lambda: START)

    assert reads == []


def test_reviewers_who_take_the_usual_word_teach_that_it_is_believed(catalog):
    slips = {text: text.replace(HOME, SLIP) for text in SAID if HOME in text and YESTERDAY in text}

    assert learnt_after_review(catalog, SAID, slips).believed == (4 + len(slips)) / (5 + len(slips))


def test_reviewers_who_take_the_word_of_the_place_teach_that_the_usual_one_is_not(catalog):
    said = [text.replace(HOME, SLIP) if YESTERDAY in text else text for text in SAID]
    usual = {text: text.replace(SLIP, HOME) for text in said if YESTERDAY in text and SLIP in text}

    assert learnt_after_review(catalog, said, usual).believed == 0.5


def test_reviewers_who_keep_what_one_left_out_teach_that_it_was_said(catalog):
    shorter = {text: text.replace(f"{YESTERDAY} ", "") for text in SAID if HOME in text and YESTERDAY in text}

    assert learnt_after_review(catalog, SAID, shorter).spoken == (len(shorter) + 1) / (len(shorter) + 2)


def learnt_after_review(catalog: Catalog, said: list[str], misheard: Mapping[str, str]) -> LanguageFit:
    """The model after two wrote each text, the second one some of them otherwise, and a reviewer took the first's."""
    village = build_village(
        catalog, project_with(agreement={"third_on_disagreement": False}), clips=len(said)
    )
    route_clips(village.context, now=START)
    asha, ravi = village.person("asha"), village.person("ravi")
    lead = village.person("lead", [Role.REVIEWER])
    for minute, text in enumerate(said):
        for person, written in ((asha, text), (ravi, misheard.get(text, text))):
            lease = claim(village.context, person.id, now=after(minute))
            assert lease is not None
            submit(village.context, lease.hold, written, request_id="1", now=after(minute))
        if (item := next_review(village.context, lead.id, now=after(minute))) is not None:
            decide(village.context, item.hold, ReviewDecision.ACCEPT_MINOR, text=text, now=after(minute))
    with catalog.reading() as session:
        model = learn_model(session, village.context.project.name, village.context.guidelines["te"])
    assert model is not None
    return model
