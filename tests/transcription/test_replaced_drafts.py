"""Drafts that a later text replaced go after the project's days; the last words that somebody wrote never do."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import legal_hold
from catalog.config.retention import Retention
from catalog.database import Catalog
from catalog.retention import sweep_retention
from catalog.states import SubmissionKind
from catalog.store import open_store
from catalog.tables import RecordingSpeaker, Submission
from tests.transcription.village import SENTENCES, Village, after, build_village, project_with
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.slots.lease import Lease
from transcription.submission import save_draft, submit

MONTH = 30


@pytest.fixture
def village(catalog: Catalog) -> Village:
    """Two clips, each for one transcriber."""
    village = build_village(catalog, project_with({"transcribers": 1, "lease_minutes": 30}), clips=2)
    route_clips(village.context, now=after(0))
    return village


@pytest.fixture(autouse=True)
def lease(village: Village) -> Lease:
    """Asha's, of the first clip, with three drafts."""
    lease = claim(village.context, village.person("asha").id, now=after(1))
    assert lease is not None
    for minute, words in enumerate(("నేను", "నేను రేపు", SENTENCES[0]), start=2):
        save_draft(village.context, lease.hold, words, request_id=f"d{minute}", now=after(minute))
    return lease


def drafts(catalog: Catalog) -> list[str]:
    with catalog.reading() as session:
        kept = select(Submission.verbatim).where(Submission.kind == SubmissionKind.DRAFT)
        return list(session.scalars(kept.order_by(Submission.created_at)))


def sweep(village: Village, folder: Path, *, days: int = MONTH + 1, dry_run: bool = False) -> int:
    return sweep_retention(
        village.catalog,
        open_store((folder / "store").as_uri()),
        project_id=village.context.project.name,
        rules=Retention(drafts=MONTH),
        actor="flow:collect",
        at=after(5) + timedelta(days=days),
        dry_run=dry_run,
    ).drafts


def test_the_last_draft_of_a_text_that_was_never_sent_stays(village: Village, tmp_path: Path) -> None:
    assert sweep(village, tmp_path, dry_run=True) == 2
    assert len(drafts(village.catalog)) == 3

    assert sweep(village, tmp_path) == 2

    assert drafts(village.catalog) == [SENTENCES[0]]
    assert sweep(village, tmp_path) == 0


def test_drafts_of_a_text_that_was_sent_go_and_the_text_stays(
    village: Village, lease: Lease, tmp_path: Path
) -> None:
    submit(village.context, lease.hold, SENTENCES[0], request_id="f", now=after(6))

    assert sweep(village, tmp_path) == 3

    assert drafts(village.catalog) == []
    with village.catalog.reading() as session:
        assert session.scalars(select(Submission.verbatim)).all() == [SENTENCES[0]]


def test_drafts_younger_than_the_rule_stay(village: Village, tmp_path: Path) -> None:
    assert sweep(village, tmp_path, days=MONTH - 1) == 0
    assert len(drafts(village.catalog)) == 3


@pytest.mark.parametrize("whole_project", [False, True])
def test_a_legal_hold_keeps_drafts_too(village: Village, tmp_path: Path, whole_project: bool) -> None:
    with village.catalog.writing() as session:
        voice = session.scalars(select(RecordingSpeaker.speaker_id)).first()
        legal_hold.place(
            session,
            legal_hold.HoldOrder("High Court", "case 7", None),
            project_id=village.context.project.name,
            speaker_id=None if whole_project else voice,
            by="meera",
            at=after(5),
        )

    assert sweep(village, tmp_path) == 0
