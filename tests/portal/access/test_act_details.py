"""What stands beside an act of the log, as a manager of any language reads it."""

import pytest

from catalog import audit
from catalog.states import Role
from portal.access.act_details import DETAIL_NAMES, details_of
from portal.i18n.translation import COOKIE, LANGUAGES, SOURCE, interface_language
from tests.portal.people import sign_in


def test_codes_become_sentences_and_what_people_wrote_stays_as_it_is():
    reason, why = details_of({"reason": "too_quiet", "why": "too_quiet"})

    assert reason.words and reason.words[0] != "too_quiet"
    assert (why.name, why.words, why.value) == ("Why", (), "too_quiet")


def test_a_list_is_read_as_one():
    (roles,) = details_of({"roles": ["reviewer", "ml_reader"]})

    assert roles.words == ("reviewer", "dataset reader")


def test_a_value_can_not_pretend_to_be_another_line():
    (note,) = details_of({"note": "a\n2026-11-22 operator"})

    assert "\n" not in note.value


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != SOURCE])
def test_the_log_names_them_in_the_readers_language(portal, client, language):
    meera = sign_in(portal, "meera", [Role.MANAGER])
    with portal.catalog.writing() as session:
        audit.record(
            session,
            at=portal.clock(),
            actor=meera.person_id,
            action="recording.rejected",
            subject=("person", meera.person_id),
            detail={"reason": "too_quiet", "roles": ["reviewer"], "late": True},
        )
    browser = meera.browser(client)
    browser.cookies.set(COOKIE, language)

    page = browser.get("/manage/audit").text

    row = page.partition('<td class="quiet">')[2].partition("</td>")[0]
    assert "too_quiet" not in row and "reviewer" not in row and "True" not in row
    speech = interface_language(language)
    assert all(speech.gettext(DETAIL_NAMES[key]) in row for key in ("reason", "roles", "late")), row
