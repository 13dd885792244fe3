"""What `boli run` and `boli recordings list --rejected` say of files that could not be used."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from boli.commands.turned_away_shown import show_turned_away
from boli.output import console
from catalog.config.settings import Settings
from catalog.reasons import REASONS
from catalog.tables import Upload
from catalog.turned_away import TurnedAway, turned_away
from flows.workspace import open_workspace
from tests.boli.conftest import Boli


def refused(names: Sequence[str], reason: str, *, whole: bool = True) -> list[TurnedAway]:
    return [TurnedAway(name, "7QK-21X", reason, whole=whole, detail=None) for name in names]


def test_where_nothing_was_turned_away_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_turned_away([], "field")

    assert capsys.readouterr().out == ""


def test_each_reason_is_said_once_with_its_mend_and_the_files_it_holds_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = [f"{number}.mp3" for number in range(25)]

    show_turned_away(
        [
            *refused(["a.wav"], "unread", whole=False),
            *refused(many, "corrupt"),
            *refused(["b.m4a"], "corrupt"),
        ],
        "field",
    )

    said = capsys.readouterr().out
    assert said.count(REASONS["corrupt"].mend) == 1 and "(26):" in said
    assert "0.mp3" in said and "24.mp3" not in said
    assert "and 6 more: `boli recordings list --rejected -P field` has all." in said
    assert "▲ unread" in said and "✗ corrupt" in said


def test_files_that_were_turned_away_are_listed_with_what_mends_them(
    boli: Boli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_width", 400)  # no cell is broken
    listed = boli("recordings", "list", "--rejected")
    lines = boli("recordings", "list", "--rejected", "--json").lines

    assert {line["name"]: line["reason"] for line in lines} == {
        "te/te-01 empty.m4a": "empty_file",
        "te/te-01 playlist.wav": "refused_format",
    }
    assert all(line["name"] in listed.out and REASONS[line["reason"]].mend in listed.out for line in lines)


def test_only_what_was_decided_since_a_moment_is_asked_for(home: Path) -> None:
    with open_workspace("demo", Settings(home=home)) as workspace, workspace.catalog.reading() as session:
        received = session.scalars(select(Upload.received_at)).all()

        assert len(list(turned_away(session, "demo", since=min(received)))) == 2
        assert list(turned_away(session, "demo", since=workspace.now())) == []
