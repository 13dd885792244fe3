"""Decisions about people, and consents given on paper, from the command line."""

import hashlib
import json
from pathlib import Path

from sqlalchemy import select

from catalog.config.settings import load_settings
from catalog.consent import history
from catalog.states import ConsentKind
from catalog.tables import AuditEvent, Speaker, Standing
from flows.workspace import open_workspace
from tests.boli.conftest import Boli

PAPER = b"\xff\xd8\xff\xe0 a photograph of a signed paper"


def add(boli: Boli, handle: str, role: str) -> None:
    assert boli("people", "add", handle, "--role", role, "--language", "te").status == 0


def test_a_manager_lets_somebody_off_the_quiz_on_record(boli: Boli) -> None:
    add(boli, "asha", "transcriber")
    add(boli, "ravi", "manager")

    said = boli("people", "let-off", "asha", "te", "--by", "ravi", "--because", "wrote for us last year")

    assert said.status == 0 and "needs no quiz in te" in said.err + said.out
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.reading() as session:
        standing = session.scalars(select(Standing)).one()
    assert not standing.held_back and standing.because == "wrote for us last year"


def test_only_a_manager_decides_and_says_why(boli: Boli) -> None:
    add(boli, "asha", "transcriber")
    add(boli, "ravi", "manager")

    self_made = boli("people", "let-off", "asha", "te", "--by", "asha", "--because", "I can")
    silent = boli("people", "reinstate", "asha", "te", "--by", "ravi", "--because", " ")
    nobody = boli("people", "reinstate", "usha", "te", "--by", "ravi", "--because", "x")

    assert self_made.status == silent.status == nobody.status == 1
    assert "this is for a manager" in self_made.err
    assert "says why" in silent.err
    assert "usha" in nobody.err


def test_a_held_back_person_is_reinstated(boli: Boli) -> None:
    add(boli, "asha", "transcriber")
    add(boli, "ravi", "manager")
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.writing() as session:
        from transcription.people import list_people

        asha = next(each for each in list_people(session, "demo") if each.handle == "asha")
        session.add(
            Standing(
                person_id=asha.id, language="te", held_back=True, because="9 of 9", good=0, bad=9, by="rule",
                at=workspace.now(),
            )
        )  # fmt: skip

    said = boli("people", "reinstate", "asha", "te", "--by", "ravi", "--because", "the gold was wrong")

    assert said.status == 0
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.reading() as session:
        assert not session.scalars(select(Standing.held_back)).one()


def test_a_consent_on_paper_is_recorded_with_its_evidence_in_the_store(
    boli: Boli, home: Path, tmp_path: Path
) -> None:
    del home
    paper = tmp_path / "te-01 signed.JPG"
    paper.write_bytes(PAPER)

    first = boli("consent", "record", "te-01", paper, "--scope", "transcription", "--by", "asha", "--json")
    again = boli("consent", "record", "te-01", paper, "--scope", "transcription", "--by", "asha", "--json")

    assert first.status == 0 and first.lines == again.lines
    sha256 = hashlib.sha256(PAPER).hexdigest()
    assert first.lines[0]["evidence"] == f"consents/{sha256}.jpg"
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.reading() as session:
        speaker = session.scalars(select(Speaker).where(Speaker.pseudonym == "te-01")).one()
        last = history(session, speaker.id)[-1]
        kept = workspace.store.get_bytes(last.evidence, 1000)
    assert kept == PAPER and last.evidence_sha256 == sha256
    assert (last.kind, last.scopes, last.recorded_by) == (ConsentKind.GRANTED, ["transcription"], "asha")
    assert (last.notice_version, last.notice_language) == ("1", "te")
    assert speaker.consent_scopes == " transcription "


def test_a_consent_without_evidence_or_speaker_is_refused_with_the_mend(
    boli: Boli, home: Path, tmp_path: Path
) -> None:
    del home
    paper = tmp_path / "paper.jpg"
    paper.write_bytes(PAPER)
    empty = tmp_path / "empty.jpg"
    empty.touch()

    for words, told in (
        (("te-99", paper), "knows no speaker 'te-99'"),
        (("te-01", tmp_path / "none.jpg"), "there is no such file"),
        (("te-01", empty), "holds 0 bytes"),
        (("te-01", paper, "--language", "hi"), "is read in"),
    ):
        said = boli("consent", "record", *words)
        assert said.status == 1 and told in said.err, said


def test_somebody_has_other_roles_in_another_project_and_none_where_none_were_given(boli: Boli) -> None:
    add(boli, "asha", "transcriber")

    given = boli("people", "roles", "asha", "--project", "field", "--role", "manager", "--role", "reviewer")

    assert given.status == 0
    assert '"roles": ["manager", "reviewer"]' in boli("people", "list", "-P", "field", "--json").out
    assert '"roles": ["transcriber"]' in boli("people", "list", "--json").out
    assert boli("people", "roles", "asha", "--project", "field").status == 0
    assert "asha" not in boli("people", "list", "-P", "field", "--json").out


def test_an_invite_for_a_project_is_for_people_of_that_project(boli: Boli) -> None:
    add(boli, "asha", "transcriber")

    refused = boli("people", "invite", "asha", "--project", "field")

    assert refused.status == 1 and "nobody in field" in refused.err
    assert boli("people", "invite", "asha", "--project", "demo").status == 0


def test_an_owner_is_made_and_unmade_on_record(boli: Boli) -> None:
    add(boli, "usha", "transcriber")

    assert boli("people", "owner", "usha").status == 0
    assert boli("people", "owner", "usha", "--end").status == 0

    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.reading() as session:
        acts = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert acts[-2:] == ["person.made_owner", "person.owner_no_more"]


def test_a_withdrawal_is_obeyed_proven_and_checked_from_the_command_line(
    boli: Boli, home: Path, tmp_path: Path
) -> None:
    del home
    never = boli("consent", "proof", "te-01")
    gone = boli("consent", "withdraw", "te-01", "--by", "asha", "--json")
    file = tmp_path / "proof.json"

    proof = boli("consent", "proof", "te-01", "--out", file)
    printed = boli("consent", "proof", "te-01")
    checked = boli("consent", "check", file)
    file.write_text(file.read_text("utf-8").replace('"te-01"', '"te-02"'), "utf-8")
    changed = boli("consent", "check", file)

    assert never.status == 1 and "took no consent back" in never.err
    assert gone.lines[0]["sound"]["objects"] > 0
    assert (proof.status, printed.status, checked.status) == (0, 0, 0)
    assert json.loads(printed.out)["statement"]["complete"]
    assert "te-01 of demo" in checked.out and "complete" in checked.out
    assert changed.status == 1 and "was changed since it was signed" in changed.err


def test_a_sweep_says_what_it_found_and_ends_with_1_where_a_recording_has_no_bytes(
    boli: Boli, home: Path
) -> None:
    del home
    clean = boli("store", "sweep", "--dry-run")
    with open_workspace("demo", load_settings()) as workspace:
        key = next(iter(workspace.store.list("recordings/"))).key
        workspace.store.delete(key)

    found = boli("store", "sweep", "--json")

    assert clean.status == 0 and "0 rows without their object" in clean.out
    assert found.status == 1 and found.lines[0]["missing"][0]["key"] == key


def test_a_consent_is_written_as_a_record_that_others_read_and_as_its_receipt(
    boli: Boli, home: Path, tmp_path: Path
) -> None:
    del home
    paper = tmp_path / "signed.jpg"
    paper.write_bytes(PAPER)
    boli("consent", "record", "te-01", paper, "--by", "asha")

    record = json.loads(boli("consent", "json-ld", "te-01").out)
    receipt = json.loads(boli("consent", "json-ld", "te-01", "--receipt").out)
    none = boli("consent", "json-ld", "te-01", "--event", "9")

    purposes = {each["dct:title"] for each in record["dpv:hasProcess"][0]["dpv:hasPurpose"]}
    assert record["@type"] == "dpv:ConsentRecord" and purposes == {"speech recognition", "commercial"}
    assert receipt["dpv:hasRecordOfActivity"]["dct:identifier"] == record["dct:identifier"]
    assert none.status == 1 and "acts of consent, given 9" in none.err


def test_holders_and_messages_are_listed_and_an_address_is_checked(boli: Boli, home: Path) -> None:
    del home
    add(boli, "leela", "ml_reader")

    wrong = boli("people", "contact", "leela", "leela at home")
    right = boli("people", "contact", "leela", "leela@example.org", "--language", "hi")
    language = boli("people", "contact", "leela", "leela@example.org", "--language", "xx")

    assert (wrong.status, right.status, language.status) == (1, 0, 1)
    assert "e-mail" in wrong.err and "leela at home" not in wrong.err
    assert "Nobody downloaded" in boli("consent", "holders", "te-01").out
    assert boli("consent", "messages", "--send", "--json").lines == []
