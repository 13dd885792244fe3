"""Correcting a model is work of the same queue: chosen clips come next with its text, accepted ones need no work."""

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.database import Catalog
from catalog.states import ChosenBy, TaskState
from catalog.tables import Correction, Slot, Task, Transcript
from tests.transcription.drafted import MODEL, blind_of, draft_all
from tests.transcription.village import Village, after, build_village, project_with
from transcription.drafts.correcting import FIRST, Draw, ask_for_correction, drawn, least_sure
from transcription.drafts.keeping import HeardText, keep_draft
from transcription.drafts.measuring import DraftErrors, DraftFigures, keep_draft_figures, measure_drafts
from transcription.queue import claim, claim_many
from transcription.routing import route_clips
from transcription.slots.ordering import order_waiting
from transcription.submission import submit

HEARD = "వాన బాగ పడింది"
SAID = "వాన బాగా పడింది"


def waiting_village(catalog: Catalog, *, clips: int = 12, transcribers: int = 1) -> Village:
    """The project shows no drafts; a model has heard its clips all the same."""
    rules = {"transcribers": transcribers, "max_pending_per_person": 60}
    village = build_village(catalog, project_with(rules), clips=clips)
    route_clips(village.context, now=after(0))
    draft_all(village, HEARD)
    return village


def draw_of(village: Village, chosen_by: ChosenBy = ChosenBy.CHANCE, *, model: str = MODEL, **more) -> Draw:
    name = village.context.project.name
    return Draw(project_id=name, language="te", model=model, chosen_by=chosen_by, **more)


def ask(village: Village, clip_ids, chosen_by: ChosenBy = ChosenBy.CHANCE, *, model: str = MODEL) -> int:
    draw = draw_of(village, chosen_by, model=model)
    with village.catalog.writing() as session:
        return sum(ask_for_correction(session, draw, each, actor="tests", now=after(0)) for each in clip_ids)


def sample(village: Village, count: int, **more) -> list[str]:
    with village.catalog.reading() as session:
        return [clip.id for clip in drawn(session, draw_of(village, **more), count)]


def seen(village: Village) -> list[str]:
    """Clips that do not lie among the blind ones."""
    return [clip_id for clip_id in village.clips if clip_id not in blind_of(village)]


def accept(village: Village, clip_id: str, text: str) -> None:
    with village.catalog.writing() as session:
        task = session.scalars(select(Task).where(Task.clip_id == clip_id)).one()
        task.state = TaskState.ACCEPTED
        session.add(
            Transcript(
                id=f"t-{clip_id}",
                clip_id=clip_id,
                version=1,
                verbatim=text,
                normalised=text,
                origin="single",
                guideline="te@1",
                accepted_at=after(1),
            )
        )


def test_chance_draws_the_same_clips_again_and_a_larger_sample_holds_the_smaller(catalog: Catalog):
    village = waiting_village(catalog, clips=20)

    few, more, all_of_them = (sample(village, count) for count in (5, 9, 99))

    assert sample(village, 5) == few
    assert more[:5] == few
    assert sorted(all_of_them) == sorted(village.clips)
    assert sample(village, 99, model="onnx:another") != all_of_them


def test_what_was_chosen_before_can_not_be_heard_or_was_taken_back_is_not_drawn(catalog: Catalog):
    village = build_village(catalog, project_with(), clips=3, speakers=2)
    route_clips(village.context, now=after(0))
    first, second, third, *others = village.clips
    ask(village, [first])
    with catalog.writing() as session:
        keep_draft(session, second, MODEL, HeardText("", fault="too long"), now=after(0))
        consent.withdraw(session, speaker_id=village.speakers[1], recorded_by="tests", at=after(1))

    assert sample(village, 99) == [third]
    assert len(others) == 3


def test_chosen_clips_come_first_with_the_models_text_also_where_the_project_shows_no_drafts(
    catalog: Catalog,
):
    village = waiting_village(catalog, clips=20)
    wanted = village.clips[-6:]
    assert ask(village, wanted) == 6

    leases = claim_many(village.context, village.person("asha").id, 20, now=after(1))

    assert {each.clip_id for each in leases[:6]} == set(wanted)
    with_text = {each.clip_id for each in leases if each.machine_draft is not None}
    assert with_text == set(wanted) - blind_of(village)
    assert {each.draft for each in leases if each.clip_id in with_text} == {HEARD}


def test_the_text_is_that_of_the_model_to_be_corrected_not_that_of_a_newer_one(catalog: Catalog):
    village = waiting_village(catalog)
    clip_id = seen(village)[0]
    with catalog.writing() as session:
        keep_draft(session, clip_id, "onnx:newer", HeardText("వేరే"), now=after(5))
    ask(village, [clip_id])

    lease = claim(village.context, village.person("asha").id, now=after(6))

    assert (lease.clip_id, lease.machine_draft) == (clip_id, HEARD)


def test_a_second_opinion_of_a_correction_is_written_unseen(catalog: Catalog):
    village = waiting_village(catalog, transcribers=2)
    clip_id = seen(village)[0]
    ask(village, [clip_id])

    first = claim(village.context, village.person("asha").id, now=after(1))
    second = claim(village.context, village.person("ravi").id, now=after(2))

    assert first.clip_id == second.clip_id == clip_id
    assert (first.machine_draft, second.machine_draft) == (HEARD, None)


def test_a_model_that_was_turned_off_is_corrected_by_texts_that_people_write_unseen(catalog: Catalog):
    village = waiting_village(catalog)
    clip_id = seen(village)[0]
    ask(village, [clip_id])
    nothing = DraftErrors(0, 0, 0)
    with village.catalog.writing() as session:
        off = [DraftFigures("te", MODEL, DraftErrors(20, 50, 100), nothing, (), "errors")]
        keep_draft_figures(session, village.context, off, now=after(0))

    lease = claim(village.context, village.person("asha").id, now=after(1))

    assert (lease.clip_id, lease.machine_draft) == (clip_id, None)


def test_an_accepted_text_makes_no_new_task_and_keeps_its_state(catalog: Catalog):
    village = waiting_village(catalog, clips=2)
    accept(village, village.clips[0], SAID)

    assert ask(village, [village.clips[0]]) == 1

    with catalog.reading() as session:
        task = session.scalars(select(Task).where(Task.clip_id == village.clips[0])).one()
        slots = session.scalars(select(Slot.priority).where(Slot.task_id == task.id)).all()
    assert (task.state, task.priority == FIRST, FIRST in slots) == (TaskState.ACCEPTED, False, False)
    assert sample(village, 9, stages=frozenset(["written"])) == []
    assert sample(village, 9, stages=frozenset(["waiting"])) == [village.clips[1]]


def test_asking_again_notes_nothing_and_a_clip_chosen_by_doubt_may_be_drawn_by_chance_too(catalog: Catalog):
    village = waiting_village(catalog, clips=2)
    clip_id = village.clips[0]

    asked = [ask(village, [clip_id], how) for how in (*[ChosenBy.LEAST_SURE] * 2, ChosenBy.CHANCE)]

    assert asked == [1, 0, 1]
    with catalog.reading() as session:
        assert len(session.scalars(select(Correction)).all()) == 2


def test_weighing_the_queue_anew_leaves_a_correction_its_turn(catalog: Catalog):
    village = waiting_village(catalog, clips=6)
    wanted = village.clips[-1]
    ask(village, [wanted])
    lease = claim(village.context, village.person("asha").id, now=after(1))
    submit(village.context, lease.hold, SAID, request_id="s1", now=after(2))
    ask(village, village.clips[2:3])

    order_waiting(village.context, now=after(3))

    assert lease.clip_id == wanted
    following = claim(village.context, village.person("ravi").id, now=after(4))
    assert following.clip_id == village.clips[2]


def test_of_what_a_model_heard_the_least_sure_come_first_and_silence_is_left_out(catalog: Catalog):
    village = build_village(catalog, project_with(), clips=5)
    route_clips(village.context, now=after(0))
    sure = [HeardText("ఒకటి", 0.9), HeardText("రెండు", 0.3), HeardText("", 0.1), HeardText("మూడు", 0.5)]
    with catalog.writing() as session:
        for clip_id, heard in zip(village.clips, sure, strict=False):
            keep_draft(session, clip_id, MODEL, heard, now=after(0))
    with catalog.reading() as session:
        clips = drawn(session, draw_of(village, ChosenBy.LEAST_SURE), 99)

        chosen = [clip.id for clip in least_sure(session, MODEL, clips, 2)]

    assert chosen == [village.clips[1], village.clips[3]]


@pytest.mark.parametrize(("chosen_by", "counted"), [(ChosenBy.LEAST_SURE, 1), (ChosenBy.CHANCE, 2)])
def test_clips_chosen_by_doubt_say_nothing_of_a_models_error(
    catalog: Catalog, chosen_by: ChosenBy, counted: int
):
    village = waiting_village(catalog, clips=2)
    ask(village, village.clips[:1], chosen_by)
    for clip_id in village.clips:
        accept(village, clip_id, SAID)

    with catalog.reading() as session:
        (figures,) = measure_drafts(session, village.context)

    assert figures.all.texts == counted
