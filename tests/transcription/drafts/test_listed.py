"""Draft texts that a list brings: held against their clips by cell, kept once, shown and measured like a machine's."""

import csv
import io
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import select

from catalog import consent
from catalog.database import Catalog
from catalog.table_reader import UnreadableTable
from catalog.tables import AuditEvent, Clip, MachineDraft, ProjectRow, Recording, Upload
from catalog.workbook import table_text
from tests.transcription.drafted import DRAFTS, blind_of, draft_all
from tests.transcription.village import Village, add_voice, after, build_village, project_with
from transcription.drafts.draft_rows import DraftFault, DraftRow, rows_of
from transcription.drafts.keeping import keep_listed
from transcription.drafts.listed import MOST_DRAFTS, ListedDraft, listed
from transcription.drafts.measuring import DraftErrors, DraftFigures, keep_draft_figures
from transcription.drafts.named_clips import NEAR, nearest
from transcription.queue import claim_many
from transcription.routing import route_clips
from transcription.submission import submit

TEXT, OTHER = "వాన బాగా పడింది", "మా ఊరి చెరువు నిండింది"
MODEL = "list:whisper small"


@pytest.fixture
def village(catalog: Catalog) -> Village:
    rules = {"transcribers": 1, "max_pending_per_person": 60}
    found = build_village(catalog, project_with(rules, prefill=DRAFTS), clips=12)
    route_clips(found.context, now=after(0))
    return found


def rows(*cells: tuple[str, ...], head: str = "clip,text", model: str = "whisper small") -> list[DraftRow]:
    out = io.StringIO()
    csv.writer(out).writerows([head.split(","), *cells])
    return rows_of(out.getvalue().encode(), model=model, languages={"te": "te", "telugu": "te", "kn": "kn"})


def held(village: Village, found: list[DraftRow]) -> list[ListedDraft]:
    with village.catalog.reading() as session:
        return list(listed(session, village.context, found))


def keep(village: Village, found: list[DraftRow]) -> list[str]:
    with village.catalog.writing() as session:
        drafts = list(listed(session, village.context, found))
        return keep_listed(session, drafts, import_id="import-1", by="meera", now=after(1))


def faults(found: ListedDraft) -> list[tuple[str, DraftFault]]:
    return [(each.column, each.fault) for each in found.faults]


def test_a_list_stands_as_drafts_under_the_name_of_its_model_and_the_log_says_whose_it_is(village: Village):
    kept = keep(village, rows((village.clips[0], TEXT), (village.clips[1], OTHER)))

    with village.catalog.reading() as session:
        drafts = session.scalars(select(MachineDraft).order_by(MachineDraft.clip_id)).all()
        acts = session.scalars(select(AuditEvent).where(AuditEvent.action == "clip.drafted")).all()
    assert {(each.clip_id, each.model, each.text) for each in drafts} == {
        (village.clips[0], MODEL, TEXT),
        (village.clips[1], MODEL, OTHER),
    }
    assert {each.id for each in drafts} == set(kept)
    assert {(each.actor, each.detail["import"], each.detail["model"]) for each in acts} == {
        ("meera", "import-1", MODEL)
    }


def test_who_writes_a_listed_clip_begins_with_its_text_unless_the_clip_is_blind(village: Village):
    keep(village, rows(*((clip_id, TEXT) for clip_id in village.clips)))

    leases = claim_many(village.context, village.person("asha").id, 12, now=after(2))

    assert {each.clip_id for each in leases if each.machine_draft is None} == blind_of(village)
    assert {each.draft for each in leases if each.machine_draft is not None} == {TEXT}


def test_the_same_list_again_is_known_and_adds_nothing(village: Village):
    brought = rows((village.clips[0], TEXT))
    keep(village, brought)

    (again,) = held(village, brought)

    assert again.standing == "known"
    assert keep(village, brought) == []


def test_a_clip_is_named_by_its_file_and_start_or_by_a_file_that_has_one_clip(village: Village):
    with village.catalog.writing() as session:
        for recording in session.scalars(select(Recording)):  # as ingest leaves it
            session.get_one(Upload, recording.upload_id).recording_id = recording.id
        session.flush()
        named = session.execute(
            select(Upload.name, Clip.start, Recording.sample_rate)
            .join(Recording, Recording.id == Clip.recording_id)
            .join(Upload, Upload.id == Recording.upload_id)
            .where(Clip.id == village.clips[3])
        ).one()
    start = named.start / named.sample_rate

    found = held(
        village,
        rows(
            (named.name, f"{start + 0.01:.2f}", TEXT),
            (named.name, f"{start + 0.01:.2f}".replace(".", ","), TEXT),
            (named.name, f"{start - 0.3:.2f}", TEXT),
            (named.name, "soon", TEXT),
            (named.name, "", TEXT),
            ("nobody.wav", "1", TEXT),
            head="file,start,text",
        ),
    )

    assert found[0].clip is not None
    assert (found[0].clip.id, found[0].standing) == (village.clips[3], "new")
    assert faults(found[1]) == [("file", DraftFault.TWICE)]
    assert faults(found[2]) == [("start", DraftFault.NO_CLIP_THERE)]
    assert ("start", DraftFault.NOT_SECONDS) in faults(found[3])
    assert faults(found[4]) == [("start", DraftFault.NO_START)]
    assert faults(found[5]) == [("file", DraftFault.UNKNOWN_FILE)]


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (("clip-of-nobody", TEXT, ""), ("clip", DraftFault.UNKNOWN_CLIP)),
        (("", TEXT, ""), ("clip", DraftFault.NO_CLIP)),
        (("0", "", ""), ("text", DraftFault.NO_TEXT)),
        (("0", "he said नमस्ते ok", ""), ("text", DraftFault.REFUSED)),
        (("0", TEXT, "kn"), ("language", DraftFault.OTHER_LANGUAGE)),
        (("0", TEXT, "Klingon"), ("language", DraftFault.UNKNOWN_LANGUAGE)),
    ],
)
def test_what_is_wrong_is_said_of_its_cell_and_the_other_rows_are_kept(village: Village, cells, wrong):
    clip_id = village.clips[0] if cells[0] == "0" else cells[0]
    brought = rows((village.clips[1], TEXT, "Telugu"), (clip_id, *cells[1:]), head="clip,text,language")

    found = held(village, brought)

    assert faults(found[1]) == [wrong]
    assert len(keep(village, brought)) == 1


def test_a_clip_of_another_project_is_as_unknown_as_one_that_there_is_not(village: Village):
    with village.catalog.writing() as session:
        session.add(ProjectRow(id="field", title="Field", created_at=after(0)))
        session.flush()
        _, (foreign,) = add_voice(session, replace(project_with(), name="field"), 7, clips=1)

    (found,) = held(village, rows((foreign, TEXT)))

    assert (found.clip, faults(found)) == (None, [("clip", DraftFault.UNKNOWN_CLIP)])


def test_what_is_written_accepted_or_taken_back_takes_no_draft(village: Village):
    lease = claim_many(village.context, village.person("asha").id, 1, now=after(1))[0]
    submit(village.context, lease.hold, OTHER, request_id="s1", now=after(2))
    (written,) = held(village, rows((lease.clip_id, TEXT)))
    with village.catalog.writing() as session:
        consent.withdraw(session, speaker_id=village.speakers[0], recorded_by="tests", at=after(5))
    (taken_back,) = held(village, rows((village.clips[-1], TEXT)))

    assert faults(written) in ([("clip", DraftFault.WRITTEN)], [("clip", DraftFault.ACCEPTED)])
    assert faults(taken_back) == [("clip", DraftFault.NO_CONSENT)]


def test_a_second_text_of_the_same_model_does_not_replace_the_first(village: Village):
    keep(village, rows((village.clips[0], TEXT)))

    (found,) = held(village, rows((village.clips[0], OTHER)))

    assert faults(found) == [("text", DraftFault.OTHER_TEXT)]


def test_where_the_model_of_a_list_was_turned_off_the_next_best_draft_is_shown(village: Village):
    draft_all(village, OTHER)
    keep(village, rows(*((clip_id, TEXT) for clip_id in village.clips)))
    nothing = DraftErrors(0, 0, 0)
    with village.catalog.writing() as session:
        off = [DraftFigures("te", MODEL, DraftErrors(20, 50, 100), nothing, (), "errors")]
        keep_draft_figures(session, village.context, off, now=after(1))

    leases = claim_many(village.context, village.person("asha").id, 12, now=after(2))

    assert {each.machine_draft for each in leases} == {None, OTHER}


def test_rows_beyond_the_most_of_a_list_are_said_and_not_read(village: Village):
    brought = rows(*((f"clip-{number}", TEXT) for number in range(MOST_DRAFTS + 1)))

    found = held(village, brought)

    assert [faults(each) for each in found[-1:]] == [[("clip", DraftFault.TOO_MANY)]]


def test_a_table_without_texts_or_clips_is_refused_with_the_columns_it_needs():
    with pytest.raises(UnreadableTable, match="clip, text"):
        rows_of(b"name,words\na,b\n", model="", languages={})


words = st.text(st.sampled_from("అఆఇకగచటతపమయరల ా ి"), min_size=1, max_size=30).filter(str.strip)
names = st.text(st.sampled_from(string.ascii_lowercase + string.digits + "-"), min_size=1, max_size=12)


@given(st.lists(st.tuples(names, words, names), min_size=1, max_size=8))
def test_a_workbook_and_a_text_file_of_the_same_cells_are_the_same_rows(cells):
    head = ("clip", "text", "model")
    book, out, text = Workbook(), io.BytesIO(), io.StringIO()
    for row in (head, *cells):
        book.active.append([f"'{cell}" if cell.startswith("=") else cell for cell in row])
    book.save(out)
    csv.writer(text).writerows([head, *cells])

    of_book = rows_of(table_text(out.getvalue()).encode(), model="", languages={})
    of_text = rows_of(text.getvalue().encode(), model="", languages={})

    assert of_book == of_text
    assert len(of_text) == len(cells)
    assert all(each.model == f"list:{row[2]}" for each, row in zip(of_text, cells, strict=True))


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1000), max_size=6), st.floats(0, 1000))
def test_the_clip_that_begins_nearest_is_meant_and_none_that_begins_elsewhere(starts, at):
    found = nearest(starts, at)

    if found is None:
        assert all(abs(start - at) > NEAR for start in starts.values())
    else:
        assert abs(starts[found] - at) == min(abs(start - at) for start in starts.values())
