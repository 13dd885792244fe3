"""A manager chooses what a dataset takes, sees what it costs, and the next version is made by it."""

import html
import re
from collections.abc import Iterator
from typing import get_args
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect
from sqlalchemy import event, select

from catalog.choices import with_choices
from catalog.states import Role
from catalog.tables import AuditEvent, Clip, DatasetChoice, RecordingSpeaker, Speaker, SpeakerSplit
from portal.app import create_app
from portal.context import PortalContext
from portal.datasets.held_words import HELD_WORDS
from portal.i18n.translation import COOKIE
from releases.selection import HeldBack
from tests.portal.live import context_of, served
from tests.portal.manage.test_pages import TEXT, writes
from tests.portal.people import Somebody, sign_in
from tests.releases.conftest import Archive as Shelf


@pytest.fixture
def asha(portal: PortalContext) -> Somebody:
    return sign_in(portal, "asha", [Role.MANAGER])


@pytest.fixture
def manager(portal: PortalContext, asha: Somebody) -> Iterator[TestClient]:
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        yield asha.browser(browser)


def figures(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))


def held(page: str) -> dict[str, tuple[str, str]]:
    """By reason, how many clips are held back, and the sentence that says why."""
    found = re.findall(r'name="held" value="(\w+)"[^>]*>([^<]+)</button> ([^<]+)</li>', page)
    return {code: (count, sentence) for code, count, sentence in found}


def choice(
    *conditions: tuple[str, str, str], dataset: str = "boli-demo", **more: str
) -> list[tuple[str, str]]:
    lines = [
        pair
        for column, comparison, values in conditions
        for pair in (("column", column), ("comparison", comparison), ("values", values))
    ]
    return [("dataset", dataset), ("licence", "CC-BY-4.0"), *lines, *more.items()]


def test_before_the_first_version_its_manager_is_led_to_what_holds_it_back_and_a_reader_is_not(
    busy_portal: PortalContext, busy_client: TestClient
) -> None:
    for writer in ("ravi", "lakshmi"):
        writes(busy_portal, writer, TEXT)
    meera = sign_in(busy_portal, "meera", [Role.MANAGER])
    leela = sign_in(busy_portal, "leela", [Role.ML_READER])

    empty = meera.browser(busy_client).get("/datasets").text
    coming = busy_client.get("/datasets/choose").text
    by_a_reader = leela.browser(busy_client).get("/datasets").text

    assert 'href="/datasets/choose">What the next run would find</a>' in empty
    assert held(coming) == {"not_aligned": ("1 clip", HELD_WORDS["not_aligned"])}
    assert "No version is published yet." in by_a_reader and "What the next run would find" not in by_a_reader


def test_the_plan_says_what_would_be_in_it_and_what_each_condition_costs_and_writes_nothing(
    manager: TestClient, portal: PortalContext
) -> None:
    given = choice(("gender", "=", "female"), ("snr_db", ">=", "20"), low_score="yes")

    page = manager.get("/datasets/choose", params=urlencode(given)).text

    assert figures(page)["clips"] == "8"  # women's: three recordings of Telugu, one of Kannada
    assert figures(page)["speakers"] == "3"
    costs = re.findall(
        r"<th scope=\"row\"><code dir=\"ltr\">([^<]+)</code></th><td class=\"figure\">(\d+)", page
    )
    assert [(html.unescape(name), count) for name, count in costs] == [
        ("gender = female", "4"),
        ("snr_db >= 20", "0"),
    ]
    assert held(page) == {"not_chosen": ("4 clips", "It does not meet the conditions.")}
    with portal.catalog.reading() as session:
        assert session.query(DatasetChoice).count() == 0
        assert session.query(SpeakerSplit).filter_by(dataset="boli-demo").count() == 0


def test_what_is_held_back_says_why_in_the_readers_language_and_leads_to_its_clips(
    manager: TestClient, portal: PortalContext
) -> None:
    given = choice(("gender", "=", "female"), held="not_chosen")

    page = manager.get("/datasets/choose", params=urlencode(given)).text

    clips = re.findall(r'<li><a href="(/manage/clips/[^"]+)">', page)
    assert len(set(clips)) == 4
    assert manager.get(clips[0]).status_code == 200
    with portal.catalog.reading() as session:
        ids = [address.removeprefix("/manage/clips/") for address in clips]
        genders = session.scalars(
            select(Speaker.gender)
            .join(RecordingSpeaker, RecordingSpeaker.speaker_id == Speaker.id)
            .join(Clip, Clip.recording_id == RecordingSpeaker.recording_id)
            .where(Clip.id.in_(ids))
        )
        assert "female" not in set(genders)
    manager.cookies.set(COOKIE, "te")
    in_telugu = manager.get("/datasets/choose", params=urlencode(given)).text
    assert held(in_telugu)["not_chosen"][1] == "ఇది షరతులకు సరిపోదు."


def test_every_reason_for_holding_a_clip_back_has_its_sentence() -> None:
    assert HELD_WORDS.keys() == set(get_args(HeldBack))


def test_the_form_has_room_for_two_more_conditions_and_shows_those_in_force(manager: TestClient) -> None:
    page = manager.get("/datasets/choose", params=urlencode(choice(("snr_db", ">=", "20")))).text

    assert re.findall(r'<input name="values" value="([^"]*)"', page) == ["20", "", ""]


def test_a_saved_choice_is_what_the_next_version_is_made_by_and_is_on_record(
    manager: TestClient, portal: PortalContext, asha: Somebody
) -> None:
    given = choice(("district", "=", "Warangal, Hanamkonda"), dataset="", name="two-districts", apart="yes")

    answer = manager.post("/datasets/choose", data=as_form(given, asha))

    assert answer.headers["location"] == "/datasets/choose?dataset=two-districts&saved=true"
    assert "Saved." in manager.get(answer.headers["location"]).text
    with portal.catalog.reading() as session:
        project = with_choices(session, portal.projects["demo"])
        (said,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "dataset.chosen"))
    assert [rules.name for rules in project.releases] == ["boli-demo", "two-districts"]
    assert project.datasets[0].where == ("district = Warangal, Hanamkonda",)
    assert project.datasets[0].splits.keep_sentences_apart
    assert (said.actor, said.detail["dataset"]) == (asha.person_id, "two-districts")


def test_conditions_of_the_main_dataset_are_laid_over_its_file(
    manager: TestClient, portal: PortalContext, asha: Somebody
) -> None:
    manager.post("/datasets/choose", data=as_form(choice(("writers", ">=", "2")), asha))
    manager.post("/datasets/choose", data=as_form(choice(("snr_db", ">=", "15")), asha))

    with portal.catalog.reading() as session:
        project = with_choices(session, portal.projects["demo"])

    assert project.release.where == ("snr_db >= 15",)
    assert project.release.remarks == portal.projects["demo"].release.remarks


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (choice(("snr_db", ">=", "loud")), "is written as 15 or 0.2"),
        (choice(("nothing", "=", "1")), "a condition names a column, given"),
        (choice(dataset="", name="Two Districts"), "small letters"),
        (choice(dataset="", name="field"), "Another project"),
    ],
)
def test_what_can_not_be_kept_says_why_and_keeps_what_was_typed(
    manager: TestClient, portal: PortalContext, asha: Somebody, given: list[tuple[str, str]], said: str
) -> None:
    if ("name", "field") in given:
        given = [
            (name, portal.projects["field"].release.name if value == "field" else value)
            for name, value in given
        ]

    answer = manager.post("/datasets/choose", data=as_form(given, asha))

    assert answer.status_code in (409, 422)
    assert said in html.unescape(answer.text)
    assert all(f'value="{value}"' in answer.text for name, value in given if name in ("values", "name"))
    with portal.catalog.reading() as session:
        assert session.query(DatasetChoice).count() == 0


def test_the_page_asks_the_catalogue_as_often_for_many_clips_as_for_few_and_then_hardly_at_all(
    portal: PortalContext, asha: Somebody, shelf: Shelf
) -> None:
    asked: list[str] = []

    def note(*each: object) -> None:
        if "clip" in str(each[2]):  # not the sweeper's questions in the background
            asked.append(str(each[2]))

    event.listen(portal.catalog.engine, "before_cursor_execute", note)

    def questions(browser: TestClient) -> int:
        asked.clear()
        assert (
            browser.get("/datasets/choose", params=urlencode(choice(("snr_db", ">=", "15")))).status_code
            == 200
        )
        return len(asked)

    with TestClient(create_app(portal), base_url=portal.address) as browser:
        few, again = questions(asha.browser(browser)), questions(browser)
    for name in ("te-01", "te-02", "te-03"):
        shelf.add_recording(name, clips=4)
    with TestClient(create_app(portal), base_url=portal.address) as browser:
        many = questions(asha.browser(browser))

    assert many == few > again


@pytest.mark.slow
def test_the_plan_follows_what_is_chosen_and_the_form_stays_as_it_is(
    browser: Browser, portal: PortalContext, asha: Somebody
) -> None:
    with served(portal) as live:
        context = context_of(browser, live, asha)
        page = context.new_page()
        page.goto("/datasets/choose")
        expect(page.locator("#plan dd").nth(1)).to_have_text("12")

        page.locator("select[name=column]").first.select_option("gender")
        page.locator("input[name=values]").first.fill("female")

        expect(page.locator("#plan dd").nth(1)).to_have_text("8")
        expect(page.locator("input[name=values]").first).to_have_value("female")
        assert "gender" not in page.url
        context.close()


def as_form(given: list[tuple[str, str]], somebody: Somebody) -> dict[str, object]:
    """Fields that stand several times are lists."""
    fields: dict[str, object] = {"token": somebody.token}
    for name, value in given:
        if name in ("column", "comparison", "values"):
            fields.setdefault(name, []).append(value)  # type: ignore[attr-defined]
        else:
            fields[name] = value
    return fields
