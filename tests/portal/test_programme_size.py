"""A page costs what it shows: as much in a programme of many clips as in one of a few, on both databases."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bench.programme.cost import measured
from bench.programme.load import load_programme, open_programme
from bench.programme.walk import calls, pages
from catalog.config.settings import Settings
from portal.app import create_app

SIZES = {"sqlite": (600, 3_000), "postgresql": (4_000, 20_000)}
"""Clips, with twelve rows each."""
CLIPS_A_PERSON = 10
"""As a programme grows so does its staff: nobody has done more in the larger one."""
MOST_STATEMENTS = 14
"""One of them for the head of the page: how much is new."""
GIVES_WORK = {"/review": 20}
"""Pages that lease the next clip to whoever looks, with what they may ask at most: how much hangs on that clip."""
SLACK = {"sqlite": 15_000, "postgresql": 20_000}
"""Steps of SQLite's machine, or rows read: what pages of a list differ by. PostgreSQL reads one table of that size
whole where an index would not be quicker, and is right to: a page that reads several, or the texts, shows."""
AT_MOST = {"/manage/find": 500, "submit": 1_000, "/practice": 300}
"""What looks at so many items at most, where there are so many: words that were found, texts a model is learnt from,
clips to practise on."""
COST_OF_AN_ITEM = {"sqlite": 250, "postgresql": 6}


@dataclass(frozen=True, slots=True)
class AskedCost:
    """What an address, or a call, came to. work: see `bench.programme.cost.Cost`"""

    said: object
    statements: int
    work: int


def walk(home: Path, database_url: str | None, clips: int) -> dict[str, AskedCost]:
    """Everything by its name, at its second visit: the first one has kept the figures of the whole project."""
    url = SecretStr(database_url) if database_url else None
    with open_programme(Settings(home=home, database_url=url, workers=1), 6) as opened:
        portal = replace(opened, clips_counted_at_once=0)
        languages = portal.projects["demo"].languages
        of = load_programme(
            portal.catalog,
            clips=clips,
            languages=languages,
            end=datetime.now(UTC),
            clips_a_person=CLIPS_A_PERSON,
        )
        found = {}
        for piece in (*pages(create_app(portal), portal, of), *calls(portal, of)):
            if piece.kind == "page":
                piece.run()
            with measured(piece.catalog, frozenset()) as cost:
                said = piece.run()
            shown = said if piece.kind == "page" else "answered"
            found[piece.name] = AskedCost(shown, len(cost.statements), cost.work)
        return found


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_page_asks_the_same_of_five_times_the_programme(request, tmp_path, database):
    costs = []
    for clips in SIZES[database]:
        url = None
        if database == "postgresql":
            server = request.getfixturevalue("postgres_server")
            url = server.url(server.create_database())
        costs.append(walk(tmp_path / str(clips), url, clips))

    few, many = costs
    assert few.keys() == many.keys()
    growing = {
        name: (few[name], cost)
        for name, cost in many.items()
        if cost.said != few[name].said or cost.work > _bound(name, few[name].work, database)
    }
    asking_more = {
        name: (few[name].statements, cost.statements)
        for name, cost in many.items()
        if cost.said != "answered"
        and not cost.statements == few[name].statements <= MOST_STATEMENTS
        and cost.statements > GIVES_WORK.get(name, 0)
    }
    assert (growing, asking_more) == ({}, {})


def _bound(name: str, work: int, database: str) -> int:
    """What five times the programme may cost."""
    items = next((most for start, most in AT_MOST.items() if name.startswith(start)), 0)
    return 2 * work + SLACK[database] + items * COST_OF_AN_ITEM[database]
