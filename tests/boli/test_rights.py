"""The rights of speakers, holds, breaches and staff who left, as an operator types them."""

import json
import zipfile
from pathlib import Path

from sqlalchemy import select

from catalog.config.settings import load_settings
from catalog.tables import AuditEvent, Person, PersonPrivate, Speaker
from flows.workspace import open_workspace
from tests.boli.conftest import Boli

COURT = ("--ordered-by", "District Court Warangal, 114/2026", "--because", "evidence")


def test_everything_about_a_voice_is_a_zip_with_a_page_in_its_language(boli: Boli, home: Path) -> None:
    del home
    said = boli("consent", "export", "te-01", "--out", "te-01.zip")

    assert said.status == 0, said.err
    with zipfile.ZipFile("te-01.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        page = archive.read("index.html").decode()
    assert '<html lang="te"' in page
    assert any(name.startswith("recordings/") for name in names)
    assert any(name.startswith("clips/") for name in names)
    assert boli("consent", "export", "nobody").status == 1


def test_a_hold_keeps_the_bytes_until_it_is_lifted_and_the_proof_says_why(boli: Boli, home: Path) -> None:
    del home
    placed = boli("consent", "hold", "te-01", *COURT, "--until", "2030-01-31", "--json")
    assert placed.status == 0, placed.err
    (line,) = placed.lines

    boli("consent", "withdraw", "te-01", "--json")
    proof = boli("consent", "proof", "te-01", "--out", "held.json")

    assert proof.status == 1
    held = json.loads(Path("held.json").read_text("utf-8"))["statement"]
    assert any("District Court Warangal" in each["why"] for each in held["remains"])
    assert "te-01" in boli("consent", "holds").out

    assert boli("consent", "lift", line["hold"]).status == 0
    boli("consent", "withdraw", "te-01", "--json")
    assert boli("consent", "proof", "te-01", "--out", "gone.json").status == 0


def test_half_an_order_is_refused_with_the_mend(boli: Boli, home: Path) -> None:
    del home
    assert "one of the two" in boli("consent", "hold", *COURT).err
    assert "a day to come" in boli("consent", "hold", "te-01", *COURT, "--until", "2020-01-31").err
    assert "boli consent holds" in boli("consent", "lift", "hold-1").err


def test_a_speaker_under_18_is_refused_where_the_project_takes_no_children(
    boli: Boli, home: Path, tmp_path: Path
) -> None:
    del home
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.writing() as session:
        session.scalars(select(Speaker).where(Speaker.pseudonym == "te-01")).one().age_band = "12-17"
    paper = tmp_path / "signed.jpg"
    paper.write_bytes(b"\xff\xd8\xff\xe0 signed")

    said = boli("consent", "record", "te-01", paper)

    assert said.status == 1 and "minors: true" in said.err


def test_retention_counts_first_and_says_where_nothing_is_let_go(boli: Boli, home: Path) -> None:
    del home
    said = boli("retention", "--dry-run", "--json")

    assert said.status == 0
    assert said.lines[0]["swept"]["names"] == 0
    assert "no `retention:`" in boli("retention").err + boli("retention").out


def test_a_breach_is_opened_told_and_closed_with_its_clock(boli: Boli, home: Path) -> None:
    del home
    opened = boli("breach", "open", "A phone was lost", "--people", "40", "--speaker", "te-01", "--json")
    breach = opened.lines[0]["breach"]
    assert "71 h left" in boli("breach", "list").out

    early = boli("breach", "close", breach, "--done", "wiped")
    assert early.status == 1 and "once the Board was notified" in early.err
    assert boli("breach", "name", breach, "--speaker", "te-01").status == 0
    assert boli("breach", "notified", breach).status == 0
    assert boli("breach", "close", breach, "--done", "wiped").status == 0
    assert "closed" in boli("breach", "list").out


def test_who_left_is_erased_but_for_a_pseudonym(boli: Boli, home: Path) -> None:
    del home
    boli("people", "add", "asha", "--role", "transcriber", "--language", "te")
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.writing() as session:
        asha = session.scalars(select(Person).where(Person.handle == "asha")).one()
        session.add(PersonPrivate(person_id=asha.id, name="Asha Kumari", phone="98480"))

    said = boli("people", "erase", "asha", "--yes")

    assert said.status == 0 and "left-" in said.err + said.out
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.reading() as session:
        assert session.scalars(select(PersonPrivate)).all() == []
        assert session.scalars(select(AuditEvent).where(AuditEvent.action == "person.erased")).one()
    assert "asha" not in boli("people", "list").out
