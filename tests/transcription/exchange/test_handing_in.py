"""Packages leave through the real queue and come back as a person's own submissions, on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalog import consent
from catalog.database import Catalog
from catalog.states import SlotState, SubmissionKind, TaskState
from catalog.tables import AuditEvent, Clip, Slot, Standing, Submission, Task
from tests.transcription.exchange.packages import with_texts
from tests.transcription.village import SENTENCES, Village, after, build_village, project_with
from transcription.context import NotAllowed
from transcription.exchange import ExchangeError, Format, Package, SampleSpan, read, write
from transcription.exchange.claiming import claim_recording
from transcription.exchange.handing_in import Fate, HandedIn, hand_in
from transcription.exchange.packing import pack, sounds_of
from transcription.people import StaffMember
from transcription.queue import claim, claim_many, release_lease
from transcription.routing import route_clips
from transcription.slots.lease import Lease
from transcription.submission import SkipMode, save_draft, skip, submit

SINGLE = {"transcribers": 1, "lease_minutes": 30, "max_pending_per_person": 4}


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Two voices with three clips each, for one transcriber a clip."""
    village = build_village(catalog, project_with(SINGLE), clips=3, speakers=2)
    route_clips(village.context, now=after(0))
    return village


def packed(village: Village, person: StaffMember, leases: Sequence[Lease]) -> Package:
    with village.catalog.reading() as session:
        sounds = sounds_of(session, leases)
        return pack(session, village.context, person, leases, sounds, {}, now=after(1))


def taken(village: Village, person: StaffMember, count: int = 3) -> Package:
    return packed(village, person, claim_many(village.context, person.id, count, now=after(1)))


def handed(
    village: Village, package: Package, person: StaffMember, minutes: float = 5
) -> tuple[HandedIn, ...]:
    return hand_in(village.context, package, person, now=after(minutes))


def fates(done: Sequence[HandedIn]) -> list[Fate]:
    return [each.fate for each in done]


def count_of(catalog: Catalog, table: type) -> int:
    with catalog.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def recording_of(village: Village, number: int) -> str:
    with village.catalog.reading() as session:
        return session.scalars(select(Clip.recording_id).where(Clip.id == village.clips[number])).one()


def test_a_package_says_whose_clips_they_are_and_where_they_lie(village: Village) -> None:
    asha = village.person("asha")

    package = taken(village, asha, 4)

    assert (package.project, package.person, len(package.items)) == ("demo", "asha", 4)
    by_clip = {item.ticket.clip: item.ticket for item in package.items}
    assert set(by_clip) <= set(village.clips)
    for clip, ticket in by_clip.items():
        with village.catalog.reading() as session:
            row = session.get_one(Clip, clip)
            slot = session.get_one(Slot, ticket.slot)
        assert ticket.span == SampleSpan(row.start, row.end, 16_000)
        assert (slot.holder_id, slot.token, slot.task_id) == (asha.id, ticket.token, ticket.task)
        assert ticket.speaker in ("te-000", "te-001")
        assert ticket.guideline == village.context.guideline_of("te").id
    recordings = [item.ticket.recording for item in package.items]
    assert recordings == sorted(recordings)


@pytest.mark.parametrize("form", Format)
def test_texts_that_come_back_in_any_format_are_the_persons_submissions(
    village: Village, form: Format
) -> None:
    asha = village.person("asha")
    package = taken(village, asha)
    written = with_texts(package, *SENTENCES[:3])

    texts: list[HandedIn] = []
    for sound in written.sounds if form.one_sound else [None]:
        part = written.of_sound(sound) if sound else written
        files = write(part, form)
        back = read(files[0].data, form, rows=files[1].data if form is Format.AUDACITY else None)
        texts += handed(village, back, asha)

    assert fates(texts) == [Fate.RECEIVED] * 3
    with village.catalog.reading() as session:
        rows = (
            session.execute(select(Submission.person_id, Submission.kind, Submission.verbatim)).tuples().all()
        )
        assert sorted(rows) == sorted((asha.id, SubmissionKind.FINAL, text) for text in SENTENCES[:3])
        states = session.scalars(
            select(Task.state).where(Task.id.in_([item.ticket.task for item in package.items]))
        ).all()
        assert set(states) == {TaskState.ACCEPTED}


def test_importing_twice_changes_nothing(village: Village) -> None:
    asha = village.person("asha")
    package = with_texts(taken(village, asha), SENTENCES[0], "వాన <zzz> పడింది", "")
    first = handed(village, package, asha)
    before = [count_of(village.catalog, table) for table in (Submission, AuditEvent)]

    again = handed(village, package, asha, minutes=90)

    assert fates(first) == [Fate.RECEIVED, Fate.REFUSED, Fate.EMPTY]
    assert again == first
    assert [count_of(village.catalog, table) for table in (Submission, AuditEvent)] == before


def test_a_refused_text_is_kept_as_a_draft_named_with_its_findings_and_can_be_mended(
    village: Village,
) -> None:
    asha = village.person("asha")
    package = taken(village, asha, 1)

    (refused,) = handed(village, with_texts(package, "వాన <zzz> పడింది"), asha)
    (mended,) = handed(village, with_texts(package, SENTENCES[1]), asha)

    assert refused.fate is Fate.REFUSED and "unknown_tag" in [finding.code for finding in refused.findings]
    assert mended.fate is Fate.RECEIVED
    with village.catalog.reading() as session:
        kept = session.execute(select(Submission.kind, Submission.verbatim)).tuples().all()
    assert set(kept) == {(SubmissionKind.DRAFT, "వాన <zzz> పడింది"), (SubmissionKind.FINAL, SENTENCES[1])}


def test_a_text_in_another_script_than_its_language_is_refused_with_that_reason(village: Village) -> None:
    asha = village.person("asha")
    package = taken(village, asha, 1)

    (refused,) = handed(village, with_texts(package, "vaana baagaa padindi"), asha)

    assert refused.fate is Fate.REFUSED and "other_script" in [finding.code for finding in refused.findings]


def test_the_draft_goes_along_and_unchanged_it_is_not_handed_in(village: Village) -> None:
    asha = village.person("asha")
    lease = claim(village.context, asha.id, now=after(1))
    assert lease is not None
    save_draft(village.context, lease.hold, SENTENCES[2], request_id="d", now=after(1))
    package = taken(village, asha, 1)

    (left,) = handed(village, package, asha)
    (asked,) = hand_in(village.context, package, asha, now=after(6), also_unchanged=True)

    assert package.items[0].text == SENTENCES[2]
    assert (left.fate, asked.fate) == (Fate.UNCHANGED, Fate.RECEIVED)


def test_what_comes_late_is_kept_as_late(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    package = taken(village, asha, 1)
    stolen = claim(village.context, ravi.id, now=after(60))
    assert stolen is not None and stolen.task_id == package.items[0].ticket.task
    submit(village.context, stolen.hold, SENTENCES[0], request_id="1", now=after(61))

    (late,) = handed(village, with_texts(package, SENTENCES[1]), asha, minutes=62)

    assert late.fate is Fate.LATE and "Kept" in late.message
    with village.catalog.reading() as session:
        assert set(session.scalars(select(Submission.kind))) == {SubmissionKind.FINAL, SubmissionKind.LATE}


def test_nobody_hands_in_what_they_never_held(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    package = with_texts(taken(village, asha, 2), *SENTENCES[:2])
    forged = replace(package, person="ravi")
    first, second = package.items
    swapped = replace(first.ticket, slot=second.ticket.slot, token=first.ticket.token)
    newer = replace(first.ticket, token=first.ticket.token + 1)

    with pytest.raises(ExchangeError, match="this package is asha's"):
        handed(village, package, ravi)
    assert fates(handed(village, forged, ravi)) == [Fate.NOT_THEIRS] * 2
    for ticket in (swapped, newer, replace(first.ticket, slot="slot-none")):
        one = replace(package, items=(replace(first, ticket=ticket),))
        assert fates(handed(village, one, asha)) == [Fate.NOT_THEIRS]
    with village.catalog.reading() as session:
        assert not session.scalars(select(Submission.id)).all()


def test_a_slot_given_back_and_taken_by_another_still_takes_the_firsts_text_as_late(
    village: Village,
) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    leases = claim_many(village.context, asha.id, 1, now=after(1))
    package = with_texts(packed(village, asha, leases), SENTENCES[0])
    release_lease(village.context, leases[0].hold, now=after(2))
    claim_many(village.context, ravi.id, 4, now=after(3))

    assert fates(handed(village, package, asha)) == [Fate.LATE]


def test_a_withdrawn_voices_text_is_kept_and_counts_for_nothing(village: Village) -> None:
    asha = village.person("asha")
    package = with_texts(taken(village, asha, 1), SENTENCES[0])
    with village.catalog.writing() as session:
        for speaker in village.speakers:
            consent.withdraw(session, speaker_id=speaker, recorded_by="tests", at=after(2))

    assert fates(handed(village, package, asha)) == [Fate.LATE]


# One recording


def test_the_clips_of_one_recording_come_in_the_order_in_which_they_were_spoken(village: Village) -> None:
    asha = village.person("asha")
    recording = recording_of(village, 4)

    leases = claim_recording(village.context, asha.id, recording, 4, now=after(1), until=after(600))
    again = claim_recording(village.context, asha.id, recording, 4, now=after(2), until=after(600))

    assert [lease.clip_id for lease in leases] == list(village.clips[3:])
    assert [lease.hold for lease in again] == [lease.hold for lease in leases]
    done = handed(village, with_texts(packed(village, asha, leases), *SENTENCES[:3]), asha, minutes=500)
    assert fates(done) == [Fate.RECEIVED] * 3


def test_the_limit_for_one_person_holds_for_a_recording_too(catalog: Catalog) -> None:
    village = build_village(catalog, project_with(SINGLE), clips=3, speakers=3)
    route_clips(village.context, now=after(0))
    asha = village.person("asha")

    def given(clip: int) -> int:
        recording = recording_of(village, clip)
        return len(claim_recording(village.context, asha.id, recording, 60, now=after(1), until=after(60)))

    assert (given(0), given(3)) == (3, 1)
    with pytest.raises(NotAllowed, match="asha holds as many clips as a person may: 4"):
        given(6)


def test_however_many_ask_at_once_a_clip_has_one_holder(village: Village) -> None:
    people = [village.person(f"person-{number}").id for number in range(6)]
    recording = recording_of(village, 0)

    def ask(person_id: str) -> list[str]:
        leases = claim_recording(village.context, person_id, recording, 2, now=after(1), until=after(60))
        return [lease.clip_id for lease in leases]

    with ThreadPoolExecutor(6) as pool:
        clips = [clip for given in pool.map(ask, people) for clip in given]

    assert sorted(clips) == sorted(set(clips))
    rest = [clip for person in people for clip in ask(person)]
    assert sorted({*clips, *rest}) == sorted(village.clips[:3])


def test_two_people_never_hold_one_clip_of_a_recording(village: Village) -> None:
    asha, ravi = village.person("asha"), village.person("ravi")
    recording = recording_of(village, 0)

    mine = claim_recording(village.context, asha.id, recording, 2, now=after(1), until=after(60))
    theirs = claim_recording(village.context, ravi.id, recording, 4, now=after(1), until=after(60))
    after_its_end = claim_recording(village.context, ravi.id, recording, 4, now=after(61), until=after(120))

    assert not {lease.clip_id for lease in mine} & {lease.clip_id for lease in theirs}
    assert len(theirs) == 1
    assert len(after_its_end) == 3
    late = handed(village, with_texts(packed(village, asha, mine), *SENTENCES[:2]), asha, minutes=62)
    assert fates(late) == [Fate.LATE] * 2


def test_nobody_gets_a_recording_that_the_queue_would_not_give_them(village: Village) -> None:
    recording = recording_of(village, 0)

    def given(person: StaffMember, minutes: float = 1) -> list[str]:
        leases = claim_recording(
            village.context, person.id, recording, 4, now=after(minutes), until=after(minutes + 1)
        )
        return [lease.clip_id for lease in leases]

    assert given(village.person("own-voice", speaker_id=village.speakers[0])) == []
    with pytest.raises(NotAllowed, match="hindi-only writes none of the languages"):
        given(village.person("hindi-only", languages=["hi"]))
    assert given(village.person("kannada-only", languages=["kn"])) == []
    failing = village.person("failing")
    with village.catalog.writing() as session:
        session.add(
            Standing(
                person_id=failing.id,
                language="te",
                held_back=True,
                because="x",
                good=0,
                bad=9,
                by="rule",
                at=after(0),
            )
        )
    with pytest.raises(NotAllowed, match="gets no new clips for now"):
        given(failing)
    skipper = village.person("skipper")
    lease = claim_recording(village.context, skipper.id, recording, 1, now=after(1), until=after(2))[0]
    skip(
        village.context,
        lease.hold,
        reason_code="too_noisy",
        mode=SkipMode.OTHERS,
        request_id="s",
        now=after(1),
    )
    assert lease.clip_id not in given(skipper)
    with village.catalog.writing() as session:
        consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(9))
    assert given(village.person("asha"), 10) == []
    with village.catalog.reading() as session:
        held = session.scalars(select(Slot.holder_id).where(Slot.state == SlotState.LEASED)).all()
    assert set(held) <= {skipper.id}


def test_whoever_has_a_quiz_to_pass_chooses_no_recording_before(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"quiz_clips": 2}), clips=2)
    route_clips(village.context, now=after(0))
    asha = village.person("asha")

    with pytest.raises(NotAllowed, match="has a quiz to pass first \\(te: 0/2\\)"):
        claim_recording(village.context, asha.id, recording_of(village, 0), 2, now=after(1), until=after(60))


def test_of_two_slots_at_a_clip_one_person_gets_one(catalog: Catalog) -> None:
    village = build_village(catalog, project_with({"transcribers": 2}), clips=2)
    route_clips(village.context, now=after(0))
    recording = recording_of(village, 0)

    clips = [
        [
            lease.clip_id
            for lease in claim_recording(
                village.context,
                village.person(name).id,
                recording,
                5,
                now=after(1),
                until=after(1) + timedelta(days=1),
            )
        ]
        for name in ("asha", "ravi", "devi")
    ]

    assert clips == [list(village.clips), list(village.clips), []]
