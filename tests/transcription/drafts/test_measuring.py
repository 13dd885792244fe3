"""What drafts are worth is counted from what people did, and drafts that are worth nothing are turned off."""

from sqlalchemy import select

from catalog.database import Catalog
from catalog.tables import Transcript
from tests.transcription.drafted import DRAFTS, MODEL, blind_of, draft_all
from tests.transcription.village import Village, after, build_village, project_with
from transcription.drafts.measuring import (
    FEWEST,
    DraftErrors,
    WritingTime,
    draft_figures,
    keep_draft_figures,
    measure_drafts,
    models_off,
    verdict_on,
)
from transcription.queue import claim_many
from transcription.routing import route_clips
from transcription.submission import submit

SAID = "వాన బాగా పడింది ఊరిలో"
NEAR, FAR = "వాన బాగా పడింది ఊరిలు", "మన మాట మీరు వినరు"


def working_village(catalog: Catalog, heard: str, *, clips: int = 50) -> Village:
    rules = {"transcribers": 1, "max_pending_per_person": 60}
    village = build_village(catalog, project_with(rules, prefill={**DRAFTS, "blind_share": 0.5}), clips=clips)
    route_clips(village.context, now=after(0))
    draft_all(village, heard)
    return village


def write_all(village: Village, handle: str, *, with_draft: float, without: float) -> str:
    """Somebody writes down every clip that waits, in so many seconds each."""
    person = village.person(handle)
    leases = claim_many(village.context, person.id, len(village.clips), now=after(1))
    for number, lease in enumerate(leases):
        seconds = without if lease.machine_draft is None else with_draft
        sent = submit(
            village.context,
            lease.hold,
            SAID,
            request_id=f"s{number}",
            now=after(2 + number),
            active_seconds=seconds,
        )
        assert not any(each.severity == "error" for each in sent.findings), sent.message
    accept_the_rest(village)
    return person.id


def accept_the_rest(village: Village) -> None:
    """One text for every clip looks copied, and waits for a reviewer: here somebody has accepted it."""
    with village.catalog.writing() as session:
        accepted = set(session.scalars(select(Transcript.clip_id)))
        session.add_all(
            Transcript(
                id=f"accepted {clip_id}",
                clip_id=clip_id,
                version=1,
                verbatim=SAID,
                normalised=SAID,
                origin="review",
                guideline="te@1",
                accepted_at=after(90),
            )
            for clip_id in village.clips
            if clip_id not in accepted
        )


def measured(village: Village):
    with village.catalog.reading() as session:
        (figures,) = measure_drafts(session, village.context)
    return figures


def test_errors_are_counted_against_accepted_texts_and_apart_on_clips_written_blind(catalog: Catalog):
    village = working_village(catalog, NEAR)
    write_all(village, "asha", with_draft=20, without=30)

    figures = measured(village)

    assert (figures.language, figures.model) == ("te", MODEL)
    assert figures.all == DraftErrors(50, 50, 200)
    assert figures.blind.texts == len(blind_of(village))
    assert figures.all.rate == figures.blind.rate == 0.25


def test_time_saved_compares_each_person_with_themselves(catalog: Catalog):
    village = working_village(catalog, NEAR)
    asha = write_all(village, "asha", with_draft=20, without=40)

    figures = measured(village)

    (person,) = figures.people
    blind = len(blind_of(village))
    assert (person.person_id, person.texts_with, person.texts_without) == (asha, 50 - blind, blind)
    assert abs(person.saved - 0.5) < 1e-9
    assert figures.off is None


def test_drafts_with_too_many_errors_turn_themselves_off(catalog: Catalog):
    village = working_village(catalog, FAR)
    write_all(village, "asha", with_draft=20, without=40)

    figures = measured(village)
    with village.catalog.writing() as session:
        keep_draft_figures(session, village.context, [figures], now=after(100))

    assert (figures.off, figures.all.rate) == ("errors", 1.0)
    with village.catalog.reading() as session:
        assert draft_figures(session, village.context.project.name) == [figures]
        assert models_off(session, village.context.project.name, "te") == [MODEL]


def test_drafts_that_cost_time_turn_themselves_off(catalog: Catalog):
    village = working_village(catalog, NEAR)
    write_all(village, "asha", with_draft=41, without=40)

    assert measured(village).off == "no_time_saved"


def test_little_evidence_decides_nothing():
    few = DraftErrors(FEWEST - 1, 80, 100)
    person = WritingTime("asha", FEWEST - 1, 900.0, 100.0, FEWEST, 100.0, 100.0)

    assert verdict_on(few, few, [person], 0.3) is None
    assert verdict_on(DraftErrors(FEWEST, 80, 100), few, [person], 0.3) == "errors"


def test_blind_clips_decide_where_there_are_enough_of_them():
    """A text that began as the draft keeps some of its errors."""
    kept, seen = DraftErrors(100, 10, 100), DraftErrors(FEWEST, 40, 100)

    assert verdict_on(kept, seen, [], 0.3) == "errors"
    assert verdict_on(kept, DraftErrors(FEWEST - 1, 40, 100), [], 0.3) is None
