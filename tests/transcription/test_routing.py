from datetime import timedelta

from sqlalchemy import func, select

from catalog.config.project import Quota
from catalog.database import Catalog
from catalog.states import ClipState
from catalog.tables import Clip, Slot, Task
from tests.transcription.village import START, add_voice, after, build_village, project_with
from transcription.queue import claim_many
from transcription.routing import route_clips
from transcription.slots.priority import SpeakerGroup, priority_of


def test_a_cut_clip_with_consent_gets_a_task_and_its_slots(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 2}), clips=3)

    report = route_clips(village.context, now=after(1))

    assert (report.tasks, report.slots, report.seconds, report.without_consent) == (3, 6, 9.0, 0)
    with catalog.reading() as session:
        assert set(session.scalars(select(Clip.state))) == {ClipState.WAITING}


def test_routing_again_makes_nothing_twice(catalog: Catalog) -> None:
    village = build_village(catalog, clips=3)
    route_clips(village.context, now=after(1))

    report = route_clips(village.context, now=after(2))

    assert report.tasks == 0
    with catalog.reading() as session:
        assert session.scalar(select(func.count()).select_from(Task)) == 3


def test_batches_of_any_size_come_to_the_same(catalog: Catalog) -> None:
    village = build_village(catalog, clips=7)

    report = route_clips(village.context, now=after(1), batch=2)

    assert report.tasks == 7


def test_a_voice_without_consent_is_left_waiting_and_counted(catalog: Catalog) -> None:
    village = build_village(catalog, clips=1)
    with catalog.writing() as session:
        add_voice(session, village.context.project, 9, clips=2, consents=False)

    report = route_clips(village.context, now=after(1))

    assert (report.tasks, report.without_consent) == (1, 2)


def test_a_share_of_single_work_is_written_down_twice_unseen(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1, "blind_second_share": 0.3}), clips=40)

    report = route_clips(village.context, now=after(1))

    assert 40 + 5 <= report.slots <= 40 + 20


def test_the_first_minutes_of_every_group_come_before_more_of_one(catalog: Catalog) -> None:
    village = build_village(
        catalog, project_with({"transcribers": 1}), clips=250
    )  # 12.5 minutes of one voice
    with catalog.writing() as session:
        _, few = add_voice(session, village.context.project, 9, clips=3, gender="female", district="Nalgonda")
    route_clips(village.context, now=after(1))

    with catalog.reading() as session:
        first = session.scalars(
            select(Task.clip_id)
            .join(Slot, Slot.task_id == Task.id)
            .order_by(Slot.priority, Slot.created_at, Slot.id)
            .limit(3)
        ).all()
        why = session.scalars(select(Task.why_now).where(Task.clip_id == few[0])).one()
    assert set(first) == set(few)
    assert "female, Nalgonda" in why and "clear sound" in why


def test_what_goes_beyond_the_hours_wanted_waits() -> None:
    quota = Quota(hours=1.0, by_gender={"male": 0.5})
    group = SpeakerGroup("te", "Nalgonda", "male", None, None)

    early, _ = priority_of([group], {group: 0.0}, 30.0, quota)
    full, why = priority_of([group], {group: 1801.0}, 30.0, quota)

    assert full > early and "beyond the 0.5 h wanted" in why


def test_noise_is_a_reason_to_wait() -> None:
    group = SpeakerGroup("te", "Nalgonda", "male", None, None)

    assert priority_of([group], {}, 12.0, None)[0] > priority_of([group], {}, 30.0, None)[0]


def test_people_get_their_own_dialect_first(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 1}), clips=2)
    with catalog.writing() as session:
        add_voice(session, village.context.project, 8, clips=2, dialect="telangana")
        _, theirs = add_voice(session, village.context.project, 9, clips=2, dialect="rayalaseema")
    route_clips(village.context, now=START + timedelta(minutes=1))
    asha = village.person("asha", dialect="telangana")

    bundle = [lease.clip_id for lease in claim_many(village.context, asha.id, 6, now=after(2))]

    assert set(bundle[-2:]) == set(theirs)
