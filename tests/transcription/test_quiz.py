"""The quiz before somebody's first clip."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from catalog.database import Catalog
from catalog.states import ReviewDecision, Role, SlotPurpose
from catalog.tables import Slot
from tests.transcription.village import Village, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.gold import add_gold
from transcription.queue import claim, claim_many
from transcription.quiz import let_off, quiz_of
from transcription.review import decide, next_review
from transcription.routing import route_clips
from transcription.submission import submit

RIGHT = "మా ఊరి చెరువు నిండింది"
WRONG = "పిల్లలు బడికి వెళ్ళారు"


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Eight clips; three of them are gold; from now on a quiz of two is asked."""
    village = build_village(catalog, project_with({"transcribers": 1}, review={"share": 1.0}), clips=8)
    route_clips(village.context, now=after(0))
    author, lead = village.person("author"), village.person("lead", [Role.REVIEWER])
    for number in range(3):
        task = write(village, author.id, RIGHT, number)
        item = next_review(village.context, lead.id, now=after(number))
        assert item is not None
        decide(village.context, item.hold, ReviewDecision.ACCEPT, now=after(number))
        add_gold(village.context, task, reviewer_id=lead.id, now=after(number))
    asks = replace(village.context.project.transcription, quiz_clips=2)
    project = replace(village.context.project, transcription=asks)
    return replace(village, context=replace(village.context, project=project))


def write(village: Village, person: str, text: str, minute: float) -> str:
    lease = claim(village.context, person, now=after(minute))
    assert lease is not None
    submit(village.context, lease.hold, text, request_id="1", now=after(minute))
    return lease.task_id


def purposes(village: Village, person: str) -> list[SlotPurpose]:
    with village.catalog.reading() as session:
        query = select(Slot.purpose).where(Slot.holder_id == person).order_by(Slot.leased_at)
        return list(session.scalars(query))


def test_the_first_clips_are_quiz_clips_till_enough_are_right(village: Village) -> None:
    asha = village.person("asha")

    for number, text in enumerate((RIGHT, WRONG, RIGHT, RIGHT)):
        write(village, asha.id, text, 10 + number)

    gold, work = SlotPurpose.GOLD, SlotPurpose.TRANSCRIPTION
    assert purposes(village, asha.id) == [gold, gold, gold, work]
    with village.catalog.reading() as session:
        quiz = quiz_of(session, village.context, asha.id, "te")
    assert (quiz.right, quiz.wrong, quiz.passed) == (2, 1, True)


def test_whoever_has_had_every_quiz_clip_and_not_passed_gets_no_work(village: Village) -> None:
    asha, boss = village.person("asha"), village.person("boss", [Role.MANAGER])
    for number in range(3):
        write(village, asha.id, WRONG, 10 + number)

    with pytest.raises(NotAllowed, match="0/2"):
        claim(village.context, asha.id, now=after(20))
    let_off(village.context, asha.id, "te", manager_id=boss.id, because="heard her work", now=after(21))

    assert claim(village.context, asha.id, now=after(22)) is not None
    assert purposes(village, asha.id)[-1] is SlotPurpose.TRANSCRIPTION


def test_a_bundle_holds_no_more_than_the_quiz_before_it_is_passed(village: Village) -> None:
    asha = village.person("asha")

    assert len(claim_many(village.context, asha.id, 5, now=after(10))) == 2
    assert set(purposes(village, asha.id)) == {SlotPurpose.GOLD}


def test_without_a_quiz_nothing_changes(village: Village) -> None:
    asks = replace(village.context.project.transcription, quiz_clips=0)
    context = replace(village.context, project=replace(village.context.project, transcription=asks))

    assert claim(context, village.person("asha").id, now=after(10)) is not None
