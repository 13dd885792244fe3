from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog.database import Catalog
from catalog.states import ClipState, SlotState, TaskState
from catalog.tables import Clip, Recording, RecordingSpeaker, Slot, Task, Transcript, Upload
from tests.transcription.village import Village, add_voice, after, build_village, project_with
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.slots.ordering import order_waiting
from transcription.slots.priority import InHand, SpeakerGroup, VoiceProfile, priority_of
from transcription.slots.vocabulary import Kind, Trait
from transcription.slots.voices import voices_of
from transcription.slots.work_sums import bring_up_to_date, seconds_routed, work_begun

WARANGAL = SpeakerGroup("te", "Warangal", "female")
NALGONDA = SpeakerGroup("te", "Nalgonda", "male")
KNOWN: dict[str, Any] = {"district": "Warangal", "gender": "female"}
SENTENCES = [
    "నేను రేపు ఊరికి వెళ్తాను",
    "మా ఊరి చెరువు నిండింది",
    "పిల్లలు బడికి వెళ్ళారు నిన్న",
    "గోదావరి పొంగి ప్రవహిస్తోంది",
    "కూరగాయల ధరలు బాగా పెరిగాయి",
    "చేనేత కార్మికులు మగ్గం నేస్తారు",
]


def counting_and_market(catalog: Catalog) -> Village:
    """Two prompts, spoken to by ten voices each."""
    village = build_village(catalog, project_with({"transcribers": 1}), speakers=0)
    with catalog.writing() as session:
        for number in range(1, 21):
            voice, _ = add_voice(session, village.context.project, number, clips=1, **KNOWN)
            ask(session, voice, "counting" if number % 2 else "market")
    return village


def ask(session: Session, voice: str, prompt: str) -> None:
    session.execute(update(Upload).where(Upload.speaker_id == voice).values(prompt=prompt))


def accept(session: Session, prompt: str | None, texts: list[str]) -> None:
    """So many clips of a prompt are written and accepted, the first in order."""
    rows = session.execute(
        select(Task, Clip)
        .join(Clip, Clip.id == Task.clip_id)
        .join(Recording, Recording.id == Clip.recording_id)
        .join(Upload, Upload.id == Recording.upload_id)
        .join(Slot, Slot.task_id == Task.id)
        .where(Upload.prompt == prompt, Slot.state == SlotState.OPEN)
        .order_by(Task.id)
        .limit(len(texts))
    ).all()
    for number, ((task, clip), text) in enumerate(zip(rows, texts, strict=True)):
        task.state, clip.state = TaskState.ACCEPTED, ClipState.ACCEPTED
        for slot in session.scalars(select(Slot).where(Slot.task_id == task.id)):
            slot.state = SlotState.SUBMITTED
        session.add(
            Transcript(
                id=f"transcript-{task.id}",
                clip_id=clip.id,
                version=1,
                verbatim=text,
                normalised=text,
                origin="single",
                guideline="te/v1",
                accepted_at=after(number),
            )
        )


def waiting(session: Session, prompt: str) -> list[Task]:
    return list(
        session.scalars(
            select(Task)
            .join(Clip, Clip.id == Task.clip_id)
            .join(Recording, Recording.id == Clip.recording_id)
            .join(Upload, Upload.id == Recording.upload_id)
            .where(Upload.prompt == prompt, Task.state == TaskState.OPEN)
            .order_by(Task.id)
        )
    )


def test_a_prompt_whose_texts_bring_nothing_new_comes_later_and_says_why(catalog: Catalog) -> None:
    village = counting_and_market(catalog)
    route_clips(village.context, now=after(0))
    with catalog.writing() as session:
        accept(session, "counting", ["ఒకటి రెండు మూడు"] * 6)
        accept(session, "market", SENTENCES)

    report = route_clips(village.context, now=after(60))

    assert report.moved
    with catalog.reading() as session:
        poor, rich = waiting(session, "counting"), waiting(session, "market")
        slots = session.execute(
            select(Slot.priority, Task.priority.label("of_task"))
            .join(Task, Task.id == Slot.task_id)
            .where(Slot.state == SlotState.OPEN)
        ).all()
    assert min(task.priority for task in poor) > max(task.priority for task in rich)
    assert all(
        "of the usual new words expected" in task.why_now and "counting" in task.why_now for task in poor
    )
    assert all(slot.priority == slot.of_task for slot in slots)


def test_ordering_again_moves_nothing(catalog: Catalog) -> None:
    village = counting_and_market(catalog)
    route_clips(village.context, now=after(0))
    with catalog.writing() as session:
        accept(session, "counting", ["ఒకటి రెండు మూడు"] * 6)
        accept(session, "market", SENTENCES)

    assert order_waiting(village.context, now=after(2)) > 0
    assert order_waiting(village.context, now=after(2)) == 0


def test_a_clip_that_somebody_holds_stays_where_it_is(catalog: Catalog) -> None:
    village = counting_and_market(catalog)
    route_clips(village.context, now=after(0))
    lease = claim(village.context, village.person("asha").id, now=after(1))
    assert lease is not None
    with catalog.writing() as session:
        accept(session, "counting", ["ఒకటి రెండు మూడు"] * 6)
        accept(session, "market", SENTENCES)
        session.execute(update(Task).values(priority=77))

    order_waiting(village.context, now=after(2))

    with catalog.reading() as session:
        held = session.scalars(select(Task.priority).where(Task.id == lease.task_id)).one()
        others = set(session.scalars(select(Task.priority).where(Task.state == TaskState.OPEN)))
    assert held == 77 and others - {77}


def test_a_recording_of_two_voices_counts_for_both_and_comes_with_the_one_most_wanted(
    catalog: Catalog,
) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), speakers=0)
    with catalog.writing() as session:
        first, _ = add_voice(session, village.context.project, 1, clips=4, **KNOWN)
        second, _ = add_voice(
            session, village.context.project, 2, clips=4, district="Nalgonda", gender="male"
        )
        recording = session.scalars(
            select(RecordingSpeaker.recording_id).where(RecordingSpeaker.speaker_id == first)
        ).one()
        session.add(RecordingSpeaker(recording_id=recording, speaker_id=second))
    route_clips(village.context, now=after(0))
    with catalog.writing() as session:
        accept(session, None, [SENTENCES[0]] * 8)

    bring_up_to_date(village.context, now=after(1))

    name = village.context.project.name
    with catalog.reading() as session:
        voices = voices_of(session, [recording])[recording]
        routed = seconds_routed(session, name, {WARANGAL, NALGONDA})
        begun = work_begun(session, name, [voices])
    assert {voice.group for voice in voices} == {WARANGAL, NALGONDA}
    assert routed == begun.seconds == {WARANGAL: 6.0, NALGONDA: 18.0}
    assert begun.clips[Trait(Kind.SPEAKER, second)] == 8
    priority, why = priority_of([WARANGAL, NALGONDA], {WARANGAL: 5000.0, NALGONDA: 700.0}, 30.0, None)
    alone, _ = priority_of([NALGONDA], {NALGONDA: 700.0}, 30.0, None)
    assert priority == alone and "Nalgonda" in why and "most wanted of 2 voices" in why


def test_seconds_of_several_voices_are_counted_alike_in_memory_and_in_the_catalogue() -> None:
    counted = InHand(defaultdict(float), Counter())

    counted.add([VoiceProfile(WARANGAL, ()), VoiceProfile(NALGONDA, ()), VoiceProfile(NALGONDA, ())], 9.0)

    assert counted.seconds == {WARANGAL: 3.0, NALGONDA: 6.0}
