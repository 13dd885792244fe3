"""Ordering what waits after one new text costs what came, in a programme of many clips as in one of a few."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bench.programme.cost import Cost, large_tables, measured
from bench.programme.load import load_programme, open_programme
from catalog.config.settings import Settings
from catalog.states import Role
from tests.transcription.village import add_voice
from transcription.queue import claim
from transcription.routing import route_clips
from transcription.submission import submit

SIZES = {"sqlite": (600, 3_000), "postgresql": (4_000, 20_000)}
"""Clips; a fifth of them waits."""
AT_ONCE = 50
"""Clips at the head that are weighed, and clips that are looked at beside those that something happened to."""
SLACK = {"sqlite": 5_000, "postgresql": 3_000}
"""Steps of SQLite's machine, or rows that PostgreSQL's plans read."""


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_new_text_and_a_new_clip_cost_the_same_of_five_times_the_programme(request, tmp_path, database):
    costs = []
    for clips in SIZES[database]:
        url = None
        if database == "postgresql":
            server = request.getfixturevalue("postgres_server")
            url = server.url(server.create_database())
        costs.append(cost_of_news(tmp_path / str(clips), url, clips))

    few, many = costs

    assert len(many.statements) <= len(few.statements) + 2
    assert many.work <= 1.5 * few.work + SLACK[database]
    assert not many.scans


def cost_of_news(home: Path, database_url: str | None, clips: int) -> Cost:
    """Of a run that finds one text that was sent and one clip that was cut since the last."""
    url = SecretStr(database_url) if database_url else None
    with open_programme(Settings(home=home, database_url=url, workers=1), 6) as portal:
        context = portal.project_context("demo")
        end = datetime.now(UTC)
        of = load_programme(
            portal.catalog, clips=clips, languages=context.project.languages, end=end, clips_a_person=10
        )

        route_clips(context, now=end)  # counts every recording, and learns from every language's texts
        person = of.somebody(of.languages.index("te"), Role.TRANSCRIBER, 0)
        lease = claim(context, person, now=end + timedelta(minutes=2))
        assert lease is not None
        submit(context, lease.hold, "వాన బాగా పడింది", request_id="new", now=end + timedelta(minutes=3))
        with portal.catalog.writing() as session:
            add_voice(session, context.project, 10**6, clips=1)
        large = large_tables(portal.catalog)

        with measured(portal.catalog, large) as cost:
            now = end + timedelta(minutes=4)
            report = route_clips(context, now=now, weighed=AT_ONCE, checked=AT_ONCE)

    assert report.tasks == 1
    return cost
