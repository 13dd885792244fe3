"""Lists of items: narrowed, sorted, a page at a time, and whole for a spreadsheet."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from catalog.database import open_catalog
from catalog.states import ClipState
from catalog.tables import Clip
from portal.items.kinds import kinds_of
from portal.items.listing import A_PAGE, BadCursor, every_row, page_of

MANY = 3000
KINDS = ("files", "clips", "speakers", "texts", "pay")
MORE = re.compile(r'rel="next" href="([^"]+)"')
ITEM = re.compile(r'href="/manage/clips/(clip-[^"]+)"')


@pytest.fixture
def many_clips(busy_portal):
    """MANY clips beside the ones that are there, many of them cut in the same moment; every second one refused."""
    with busy_portal.catalog.writing() as session:
        pattern = session.scalars(select(Clip)).first()
        values = {column.name: getattr(pattern, column.name) for column in Clip.__table__.columns}
        session.execute(
            insert(Clip),
            [
                {
                    **values,
                    "id": f"clip-{number}",
                    "start": number,
                    "end": number + 1,
                    "number": number,
                    "seconds": float(number % 7),
                    "state": ClipState.REJECTED if number % 2 else ClipState.CUT,
                    "created_at": pattern.created_at - timedelta(minutes=number // 10),
                }
                for number in range(MANY)
            ],
        )


def pages(manager, address: str) -> list[list[str]]:
    """The clips of each page, by following its link to the next."""
    found = []
    while address:
        page = manager.get(address).text
        found.append(ITEM.findall(page))
        following = MORE.search(page)
        address = html.unescape(following.group(1)) if following else ""
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_opens_and_leads_to_pages_that_open(manager, written, kind):
    page = manager.get(f"/manage/lists/{kind}").text
    items = set(re.findall(r'<th scope="row"[^>]*><a href="([^"]+)"', page))

    assert items and {manager.get(item).status_code for item in items} == {200}


@pytest.mark.parametrize("order", ["newest", "oldest", "longest"])
def test_the_pages_of_a_list_hold_each_item_once_and_in_order(manager, many_clips, order):
    found = pages(manager, f"/manage/lists/clips?order={order}&state=rejected")

    every = [clip for page in found for clip in page]
    assert len(every) == len(set(every)) == MANY // 2
    assert {len(page) for page in found[:-1]} == {A_PAGE}


def test_a_page_of_many_asks_as_little_as_one_of_few(manager, many_clips, statements):
    address = "/manage/lists/clips?order=oldest"
    with statements() as first:
        page = manager.get(address).text
    with statements() as second:
        manager.get(html.unescape(MORE.search(page).group(1)))

    assert len(first) == len(second) <= 8
    assert all("LIMIT" in each for each in first if "FROM clip" in each)


def test_an_indexed_order_is_read_from_its_index(busy_portal):
    kind = kinds_of("demo", {}, now=busy_portal.clock())["clips"]
    with busy_portal.catalog.reading() as session:
        asked = (
            kind.rows.order_by(kind.orders["newest"].by.desc(), kind.key.desc())
            .limit(A_PAGE)
            .compile(busy_portal.catalog.engine, compile_kwargs={"literal_binds": True})
        )
        plan = [row[-1] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]

    assert any("ix_clip_created" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_a_list_goes_into_a_spreadsheet_whole_and_as_no_formula(busy_portal, manager, many_clips):
    with busy_portal.catalog.writing() as session:
        session.get_one(Clip, "clip-1").reason = "=cmd()"

    answer = manager.get("/manage/lists/clips/csv?state=rejected")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == MANY // 2
    assert {row["reason"] for row in rows} == {"", "'=cmd()"}


@pytest.mark.parametrize("after", ["x", "bm8", "W10", "WzEsMl0", "WyJhIiwgImIiXQ", "W251bGwsICJhIl0"])
def test_a_place_that_no_list_gave_is_nowhere(manager, after):
    assert manager.get(f"/manage/lists/clips?after={after}").status_code == 404


@pytest.mark.parametrize(
    "asked",
    ["clips?state=nothing", "files?day=2026-99-99", "clips?text=%25", "texts?judged=maybe", "pay?day=x"],
)
def test_a_filter_that_fits_nothing_is_answered(manager, asked):
    assert manager.get(f"/manage/lists/{asked}").status_code == 200


@pytest.mark.parametrize("asked", ["nothing", "clips?order=nothing"])
def test_there_is_no_list_of_what_is_not_listed(manager, asked):
    assert manager.get(f"/manage/lists/{asked}").status_code == 404


def test_every_order_and_filter_is_understood_by_postgresql_too(postgres_url):
    catalog = open_catalog(postgres_url)
    try:
        for kind in kinds_of("demo", {}, now=datetime.now(UTC)).values():
            chosen = {name: next(iter(each.choices or ["2026-11-03"])) for name, each in kind.filters.items()}
            for order in kind.orders:
                with catalog.reading() as session:
                    assert list(every_row(session, kind, chosen=chosen, order=order)) == []
                    with pytest.raises(BadCursor):
                        page_of(session, kind, chosen={}, order=order, after="x")
    finally:
        catalog.close()
