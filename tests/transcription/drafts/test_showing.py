"""A machine's text to begin with: for one person a clip, never on blind clips, and only where the project asks."""

import pytest
from sqlalchemy import select

from catalog import consent
from catalog.database import Catalog
from catalog.erasure.rows import blank_clips
from catalog.stopping import ClipSpan
from catalog.tables import Clip, DraftShown, MachineDraft
from tests.transcription.drafted import DRAFTS, MODEL, blind_of, draft_all
from tests.transcription.village import Village, after, build_village, project_with
from transcription.drafts.keeping import HeardText, keep_draft, undrafted
from transcription.drafts.measuring import DraftErrors, DraftFigures, keep_draft_figures
from transcription.queue import claim, claim_many, release_lease
from transcription.routing import route_clips
from transcription.submission import save_draft, submit

HEARD = "వాన బాగ పడింది"


def drafted_village(catalog: Catalog, *, transcribers: int = 1, clips: int = 12, **prefill) -> Village:
    rules = {"transcribers": transcribers, "max_pending_per_person": 60}
    village = build_village(catalog, project_with(rules, prefill={**DRAFTS, **prefill}), clips=clips)
    route_clips(village.context, now=after(0))
    draft_all(village, HEARD)
    return village


def test_who_writes_a_clip_begins_with_what_the_machine_heard_unless_the_clip_is_blind(catalog: Catalog):
    village = drafted_village(catalog, clips=20)

    leases = claim_many(village.context, village.person("asha").id, 20, now=after(1))

    without = {each.clip_id for each in leases if each.machine_draft is None}
    assert without == blind_of(village)
    assert 0 < len(without) < 20
    assert {each.draft for each in leases if each.machine_draft is not None} == {HEARD}
    assert {each.draft for each in leases if each.machine_draft is None} == {""}


def test_nobody_sees_a_draft_where_the_project_does_not_ask_for_them(catalog: Catalog):
    village = drafted_village(catalog, drafts=False)

    lease = claim(village.context, village.person("asha").id, now=after(1))

    assert (lease.draft, lease.machine_draft) == ("", None)


def test_a_second_person_writes_the_same_clip_unseen(catalog: Catalog):
    village = drafted_village(catalog, transcribers=2)
    asha, ravi = village.person("asha"), village.person("ravi")

    first = {
        each.clip_id: each.machine_draft for each in claim_many(village.context, asha.id, 12, now=after(1))
    }
    second = {
        each.clip_id: each.machine_draft for each in claim_many(village.context, ravi.id, 12, now=after(2))
    }

    assert first.keys() == second.keys() == set(village.clips)
    assert {clip for clip in first if first[clip]} == set(village.clips) - blind_of(village)
    assert set(second.values()) == {None}


def test_the_next_holder_of_a_clip_given_back_begins_with_its_draft(catalog: Catalog):
    village = drafted_village(catalog, clips=1, blind_share=0.0001)
    asha, ravi = village.person("asha"), village.person("ravi")
    release_lease(village.context, claim(village.context, asha.id, now=after(1)).hold, now=after(2))

    lease = claim(village.context, ravi.id, now=after(3))

    assert lease.machine_draft == HEARD
    with village.catalog.reading() as session:
        assert session.scalars(select(DraftShown.person_id)).all() == [ravi.id]


@pytest.mark.parametrize("own", ["వాన", ""])
def test_what_a_person_wrote_stands_before_what_the_machine_heard_also_where_they_emptied_the_box(
    catalog: Catalog, own: str
):
    village = drafted_village(catalog, clips=1, blind_share=0.0001)
    asha = village.person("asha")
    lease = claim(village.context, asha.id, now=after(1))
    save_draft(village.context, lease.hold, own, request_id="d1", now=after(2))

    again = claim(village.context, asha.id, now=after(3))

    assert (again.draft, again.machine_draft) == (own, HEARD)


def test_a_model_that_was_turned_off_is_shown_no_more(catalog: Catalog):
    village = drafted_village(catalog)
    nothing = DraftErrors(0, 0, 0)
    with village.catalog.writing() as session:
        off = [DraftFigures("te", MODEL, DraftErrors(20, 50, 100), nothing, (), "errors")]
        keep_draft_figures(session, village.context, off, now=after(0))

    leases = claim_many(village.context, village.person("asha").id, 12, now=after(1))

    assert {each.machine_draft for each in leases} == {None}


def test_only_clips_that_nobody_has_written_and_the_model_has_not_heard_wait_for_a_draft(catalog: Catalog):
    village = build_village(catalog, project_with({"transcribers": 2}, prefill=DRAFTS), clips=3)
    route_clips(village.context, now=after(0))
    lease = claim(village.context, village.person("asha").id, now=after(1))
    submit(village.context, lease.hold, "మా ఊరి చెరువు నిండింది", request_id="s1", now=after(2))
    others = [clip_id for clip_id in village.clips if clip_id != lease.clip_id]
    with catalog.writing() as session:
        keep_draft(session, others[0], MODEL, HeardText(HEARD), now=after(3))

    with catalog.reading() as session:
        waiting = [row.id for row in session.execute(undrafted(village.context.project.name, "te", MODEL))]
        for_another = session.execute(undrafted(village.context.project.name, "te", "onnx:other")).all()

    assert waiting == others[1:]
    assert len(for_another) == 2


def test_a_withdrawn_voice_gets_no_draft_and_leaves_none(catalog: Catalog):
    village = drafted_village(catalog, clips=2)
    with catalog.writing() as session:
        consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(5))
    with catalog.writing() as session:
        late = keep_draft(session, village.clips[0], "onnx:later", HeardText(HEARD), now=after(6))
        recording_id = session.get_one(Clip, village.clips[0]).recording_id
        blank_clips(session, ClipSpan(recording_id, min(village.clips), max(village.clips), 2))

    assert not late
    with catalog.reading() as session:
        assert set(session.scalars(select(MachineDraft.text))) == {""}
