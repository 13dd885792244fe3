"""Help: five cards at the first sign-in with a role, and the page of docs that belongs to each screen."""

import pytest
from playwright.sync_api import expect

from catalog.states import Role
from portal.help.cards import TOURS
from portal.help.docs_pages import PAGES, page_of_screen
from portal.help.screens import SCREENS_OF_ROLE, help_of, screen_of, screens
from portal.http.pages import NAVIGATION
from portal.i18n.translation import COOKIE, LANGUAGES, SOURCE
from tests.portal.live import LAPTOP, PHONE, axe_findings, context_of
from tests.portal.people import sign_in


def test_every_role_has_a_tour_of_five_cards_and_every_place_a_page_of_docs():
    assert set(TOURS) == set(Role)
    assert all(len(cards) == 5 for cards in TOURS.values())
    assert all(page_of_screen(entry.path) in PAGES for entry in NAVIGATION if entry.path != "/my-work")


@pytest.mark.parametrize("role", Role)
def test_the_tour_comes_once_and_stands_under_help_for_good(portal, client, role):
    browser = sign_in(portal, "asha", [role]).browser(client)
    assert browser.get("/").headers["location"] == "/tour"
    assert all(card in browser.get("/tour").text for card in TOURS[role])

    browser.post("/tour", data={"role": role.value})

    assert browser.get("/").headers["location"] not in ("/tour", "/")
    assert browser.get("/tour").headers["location"] == "/"
    assert TOURS[role][0] in browser.get("/help").text


def test_somebody_with_two_roles_is_shown_both_tours_one_after_the_other(portal, client):
    browser = sign_in(portal, "asha", [Role.TRANSCRIBER, Role.REVIEWER]).browser(client)

    browser.post("/tour", data={"role": "transcriber"})

    assert browser.get("/").headers["location"] == "/tour"
    assert TOURS[Role.REVIEWER][0] in browser.get("/tour").text


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_docs_stands_in_the_portal_with_links_that_lead_somewhere(portal, client, page):
    browser = sign_in(portal, "asha", [Role.COORDINATOR]).browser(client)

    shown = browser.get(f"/help/{page}")

    assert shown.status_code == 200 and "<h2>" in shown.text and "![" not in shown.text
    inside = shown.text.partition("<article")[2].partition("</article>")[0]
    for link in {part.partition('"')[0] for part in inside.split('href="')[1:]}:
        assert link.startswith("https://") or browser.get(link).status_code == 200, link


def test_help_begins_with_the_page_of_the_screen_that_it_was_asked_from(portal, client):
    browser = sign_in(portal, "asha", [Role.MANAGER, Role.REVIEWER]).browser(client)

    assert "/help?of=/review" in browser.get("/review").text
    shown = browser.get("/help", params={"of": "/review/times"}).text

    assert shown.index("/help/reviewer") < shown.index("/help/manager")
    assert browser.get("/help/../../etc/passwd").status_code == 404
    assert browser.get("/help/security").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_for_every_screen_is_written_in_every_language_and_after_the_english_one(language):
    english, written = screens(SOURCE), screens(language)

    assert set(written) == set(english) == {name for names in SCREENS_OF_ROLE.values() for name in names}
    for name, part in written.items():
        assert not part.behind, (
            f"{language}: {name} was changed in English; see python -m portal.help.screens"
        )
        assert part.text.count("\n- ") == english[name].text.count("\n- "), (language, name)
        assert part.text.count("`") == english[name].text.count("`"), (language, name)


def test_every_screen_that_leads_somewhere_has_help_of_its_own():
    assert all(screen_of(entry.path) in screens(SOURCE) for entry in NAVIGATION)


def test_help_is_read_in_the_readers_language_and_marked_as_a_machines(portal, client):
    browser = sign_in(portal, "asha", [Role.TRANSCRIBER]).browser(client)
    browser.cookies.set(COOKIE, "hi")

    shown = browser.get("/help", params={"of": "/write"}).text

    title, _, rest = help_of("write", "hi").text.partition("\n")
    assert title.removeprefix("# ") in shown and rest.split("`")[0].strip() in shown
    assert "अनुवाद मशीन ने किया है" in shown
    assert "Hear the clip" not in shown


def test_the_long_page_of_docs_says_that_it_is_english(portal, client):
    browser = sign_in(portal, "asha", [Role.TRANSCRIBER]).browser(client)
    browser.cookies.set(COOKIE, "ta")

    assert '<article lang="en" dir="ltr"' in browser.get("/help/transcriber").text


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, LAPTOP])
def test_tour_and_help_fit_every_screen(browser, live, busy_portal, size):
    someone = sign_in(busy_portal, "asha", [Role.TRANSCRIBER])
    context = context_of(browser, live, someone, size=size)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Five things")
    for address in ("/tour", "/help?of=/write", "/help/transcriber"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert axe_findings(page) == []
    page.goto("/tour")
    page.get_by_role("button", name="Begin").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/write")
    context.close()
