"""The accepted clips are streamed, each with the text and the alignment that hold."""

from datetime import timedelta

from sqlalchemy import true

from catalog.ids import content_id
from catalog.states import AlignmentState
from catalog.tables import Alignment
from releases.accepted import accepted_clips
from tests.releases.conftest import NOON, Archive


def test_each_clip_comes_once_with_its_newest_text_and_the_newest_alignment_of_it_that_is_not_stale(
    either_archive: Archive,
) -> None:
    archive = either_archive
    first, second = archive.add_recording("te-01", clips=2)
    archive.rewrite(first, "నాకు ఇష్టం")
    with archive.catalog.writing() as session:
        for hours, aligner, state in (
            (1, "dtw@2", "aligned"),
            (1, "dtw@3", "low_score"),
            (2, "dtw@4", "stale"),
        ):
            transcript = content_id("transcript", second, 1)
            session.add(
                Alignment(
                    id=content_id("alignment", transcript, aligner),
                    clip_id=second,
                    transcript_id=transcript,
                    aligner=aligner,
                    state=AlignmentState(state),
                    score=0.5,
                    words=[],
                    detail=None,
                    at=NOON + timedelta(hours=hours),
                )
            )

    with archive.catalog.reading() as session:
        found = list(accepted_clips(session, "demo", "cut", true()))

    by_id = {each.id: each for each in found}
    assert len(found) == len(by_id) == 12
    text, alignment = by_id[first].text, by_id[second].alignment
    assert text is not None and text.normalised == "నాకు ఇష్టం"
    assert alignment is not None and alignment.aligner == "dtw@3"


def test_a_clip_without_an_alignment_comes_with_none(archive: Archive) -> None:
    clip = archive.add_recording("te-01", clips=1, align=False)[0]

    with archive.catalog.reading() as session:
        found = {each.id: each for each in accepted_clips(session, "demo", "clean", true())}

    assert found[clip].alignment is None
    assert found[clip].text is not None
