"""Managers change the settings of their project: checked as its file is, and never over somebody else's change."""

import html
import re

import pytest
from sqlalchemy import select

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import ROOT
from catalog.states import Role
from catalog.tables import AuditEvent, ProjectVersion, Release
from flows.workspace import open_workspace
from portal.i18n.translation import COOKIE, LANGUAGES, SOURCE, interface_language
from portal.projects.fields import Names, fields_of, groups
from portal.projects.sentences import GROUPS, SENTENCES, WORDS, pattern_of, sentence_of
from tests.portal.people import sign_in
from tests.portal.projects.pages import agree, fill, form_of
from tests.portal.two_projects import things_of

DOCS = ROOT / "docs" / "projects.md"


@pytest.fixture
def file(configs):
    return configs / "projects" / "demo.yaml"


def test_a_setting_is_saved_in_the_file_and_holds_for_pages_and_flows_at_once(
    portal, manager, file, settings
):
    before = file.read_text("utf-8")

    answer = fill(manager, "limits", {"limits.upload_mb": "300", "because": "longer stories"})

    assert answer.headers["location"] == "/manage/settings?done=saved"
    assert portal.projects["demo"].limits.upload_mb == 300
    with open_workspace("demo", settings) as workspace:
        assert workspace.project.limits.upload_mb == 300
    assert file.read_text("utf-8") == before.replace("upload_mb: 200", "upload_mb: 300")


def test_what_was_before_and_after_and_why_is_on_record(portal, manager):
    fill(manager, "limits", {"limits.upload_mb": "300", "because": "longer stories"})

    with portal.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.changed")).one()
        numbers = session.scalars(select(ProjectVersion.number).order_by(ProjectVersion.number)).all()
    assert act.detail["changes"] == {"limits.upload_mb": ["200", "300"]}
    assert act.detail["because"] == "longer stories"
    assert numbers == [1, 2]


@pytest.mark.parametrize("part", groups())
def test_a_page_that_nobody_touched_changes_nothing(manager, portal, file, part):
    before = file.read_bytes()

    answer = fill(manager, part, {})

    assert answer.status_code == 303
    assert file.read_bytes() == before
    with portal.catalog.reading() as session:
        assert session.scalars(select(ProjectVersion.number)).all() == []


def test_a_value_that_the_files_loader_refuses_is_said_beside_its_field(manager, file):
    before = file.read_bytes()

    answer = fill(manager, "limits", {"limits.upload_mb": "many", "because": "longer stories"})

    assert answer.status_code == 422
    assert 'value="longer stories"' in answer.text
    assert ">is a whole number, given" in answer.text
    assert 'value="many"' in answer.text
    assert file.read_bytes() == before


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != SOURCE])
@pytest.mark.parametrize(
    ("part", "name", "given", "rule"),
    [
        ("limits", "limits.upload_mb", "many", "is a whole number"),
        ("review", "review.share", "15", "is a share between 0 and 1"),
        ("release", "release.where", "snr >= 15", "a condition names a column"),
        ("clips", "clips.min_seconds", "90", "is less than max_seconds (%(most)s)"),
    ],
)
def test_a_fault_is_said_in_the_readers_language(manager, language, part, name, given, rule):
    manager.cookies.set(COOKIE, language)
    also = {"clips.max_seconds": "30"} if part == "clips" else {}

    answer = fill(manager, part, {name: given, **also})

    fault = re.search(r'class="fault"[^>]*>(.*?)</span>', answer.text, re.DOTALL)[1]
    assert interface_language(language).gettext(rule).partition("%")[0] in html.unescape(fault)
    left = re.sub(r"`[^`]*`|'[^']*'|[a-z]+_[a-z_]+", "", html.unescape(fault))
    assert not re.findall(r"\b(?:is|a|the|Write|names|than|given|column)\b", left), left


def test_a_change_by_hand_meanwhile_is_kept_and_both_values_are_shown(portal, manager, file):
    page = manager.get("/manage/settings/limits").text
    file.write_text(file.read_text("utf-8").replace("upload_mb: 200", "upload_mb: 250 # by hand"), "utf-8")
    by_hand = file.read_bytes()

    answer = manager.post("/manage/settings/limits", data={**form_of(page), "limits.upload_mb": "300"})

    assert answer.status_code == 409
    assert "It says now: 250" in answer.text
    assert 'value="300"' in answer.text
    assert file.read_bytes() == by_hand
    # whoever has seen both decides
    again = manager.post("/manage/settings/limits", data={**form_of(answer.text), "limits.upload_mb": "300"})
    assert again.status_code == 303
    assert "upload_mb: 300 # by hand" in file.read_text("utf-8")
    with portal.catalog.reading() as session:
        by = session.scalars(select(ProjectVersion.changed_by).order_by(ProjectVersion.number)).all()
    assert by[0] == "operator"


def test_what_somebody_else_changed_elsewhere_is_not_put_back(manager, portal, file):
    page = manager.get("/manage/settings/limits").text
    file.write_text(file.read_text("utf-8").replace("recording_hours: 1", "recording_hours: 2"), "utf-8")

    answer = manager.post("/manage/settings/limits", data={**form_of(page), "limits.upload_mb": "300"})
    manager.post("/manage/settings/limits", data={**form_of(answer.text), "limits.upload_mb": "300"})

    assert portal.projects["demo"].limits.recording_hours == 2
    assert portal.projects["demo"].limits.upload_mb == 300


@pytest.mark.parametrize(
    ("part", "setting", "value", "said"),
    [
        ("transcription", "transcription.transcribers", "1", "Undecided clips: 5."),
        ("agreement", "agreement.threshold", "0.2", "Undecided clips: 5."),
        ("release", "release.licence", "CC-BY-4.0", "Published versions: 1."),
        ("clips", "clips.max_seconds", "12", "Recordings cut so far:"),
        ("consent", "consent.version", "2", None),
        ("consent", "consent.notices.sw", "Habari.", "A changed notice is signed by a native speaker anew"),
        ("consent", "consent.public_licence", "CC-BY-4.0", "Only where that is right."),
        ("retention", "retention.names", "30", "erased for good"),
    ],
)
def test_what_a_change_does_to_what_exists_is_said_before_it_is_saved(
    portal, client, file, part, setting, value, said
):
    things_of(portal, client, "demo")
    client.cookies.clear()
    browser = sign_in(portal, "meera", [Role.MANAGER]).browser(client)
    before = file.read_bytes()
    purposes = {
        f"consent.purposes.{purpose}.sw": "Habari" for purpose in ("speech_recognition", "commercial")
    }
    values = {setting: value} | (purposes if setting.endswith("notices.sw") else {})

    answer = fill(browser, part, values)

    if said is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 200
    assert said in answer.text
    assert file.read_bytes() == before
    assert agree(browser, answer, part, values).status_code == 303
    assert file.read_bytes() != before


def test_who_agreed_to_one_change_has_not_agreed_to_another(manager, file):
    answer = fill(manager, "retention", {"retention.names": "30"})

    other = agree(manager, answer, "retention", {"retention.names": "1"})

    assert other.status_code == 200
    assert "retention" not in file.read_text("utf-8")


def test_a_dataset_that_has_versions_keeps_its_name(portal, client, file):
    things_of(portal, client, "demo")
    with portal.catalog.writing() as session:
        session.query(Release).update({"name": "boli-demo"})
    client.cookies.clear()
    browser = sign_in(portal, "meera", [Role.MANAGER]).browser(client)

    answer = fill(browser, "release", {"release.name": "another"})

    assert answer.status_code == 422
    assert "stays what it is once versions are published" in answer.text


def test_a_language_that_is_added_brings_the_form_of_its_notice(portal, manager, configs):
    answer = fill(manager, "general", {"languages": ["te", "kn", "sw", "hi"]})

    assert answer.status_code == 303, answer.text
    project = portal.projects["demo"]
    assert project.languages == ("hi", "kn", "sw", "te") or set(project.languages) == {"te", "kn", "sw", "hi"}
    assert project.consent.notices["hi"] == (configs / "notices" / "hi.txt").read_text("utf-8").strip()
    assert "hi" in portal.guidelines["demo"]


def test_settings_of_another_project_are_neither_seen_nor_changed(portal, client, configs):
    other = configs / "projects" / "field.yaml"
    before = other.read_bytes()
    browser = sign_in(portal, "meera", [Role.MANAGER], project="demo").browser(client)
    form = form_of(browser.get("/manage/settings/limits").text)

    browser.post("/manage/settings/limits", data={**form, "name": "field", "limits.upload_mb": "300"})

    assert other.read_bytes() == before
    assert browser.get("/manage/settings/../../field").status_code == 404


def test_earlier_versions_are_shown_and_taken_back(portal, manager, file):
    before = file.read_text("utf-8")
    fill(manager, "limits", {"limits.upload_mb": "300"})
    page = manager.get("/manage/settings/versions/1").text
    assert "limits.upload_mb" in page

    stands = re.search(r'name="before" value="(\w+)"', page)
    assert stands is not None
    answer = manager.post("/manage/settings/versions/1", data={"before": stands[1]})

    assert answer.headers["location"] == "/manage/settings?done=back"
    assert file.read_text("utf-8") == before
    assert portal.projects["demo"].limits.upload_mb == 200
    assert "Version 3" in manager.get("/manage/settings/versions").text


def test_nothing_is_taken_back_over_a_change_that_was_not_seen(manager, file):
    fill(manager, "limits", {"limits.upload_mb": "300"})

    answer = manager.post("/manage/settings/versions/1", data={"before": "0" * 64})

    assert answer.status_code == 409
    assert "upload_mb: 300" in file.read_text("utf-8")


def test_a_file_that_a_hand_broke_stops_nobody_and_is_told(portal, manager, file):
    file.write_text(file.read_text("utf-8").replace("loops: 3", "loops: three"), "utf-8")

    page = manager.get("/manage/settings")

    assert "review.loops</code> is a whole number" in page.text
    assert portal.projects["demo"].review.loops == 3
    file.write_text("name: [", "utf-8")
    assert manager.get("/manage/settings/limits").status_code == 409


def test_the_portal_starts_again_with_what_was_saved(manager, settings):
    fill(manager, "limits", {"limits.upload_mb": "300"})

    with open_portal_context(settings) as again:
        assert again.projects["demo"].limits.upload_mb == 300


def test_every_setting_of_the_file_has_a_field_and_the_sentence_of_the_docs():
    names = Names(("te",), ("te",), ("te", "kn"), ("field",))
    found = [field for part in groups() for field in fields_of(part, names)]
    meanings = {
        key: _plain(meaning)
        for keys, meaning in re.findall(r"^\| (`[^|]+?) \| ([^|]+) \|", DOCS.read_text("utf-8"), re.MULTILINE)
        for key in _keys(keys)
    }

    assert set(GROUPS) == set(groups())
    assert {pattern_of(field.key) for field in found} == set(SENTENCES)
    for pattern, sentence in SENTENCES.items():
        assert meanings.get(pattern, "").startswith(_plain(sentence)), pattern
    assert sentence_of(("quotas", "te", "hours")) == SENTENCES["quotas.*.hours"]


def _keys(cell: str) -> list[str]:
    """The settings that a row of the table is about."""
    first, *more = re.findall(r"`([^`]+)`", cell)
    first = first.replace("LANGUAGE", "*").replace("ROLE", "*").replace("PURPOSE", "*").replace("GENDER", "*")
    stem = first.rpartition(".")[0]
    return [first, *(each if "." in each else f"{stem}.{each}" for each in more)]


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def test_every_value_that_is_chosen_has_a_word_or_is_a_proper_name():
    names = Names(("te",), ("te",), ("te", "kn"), ("field",))
    proper = {"release.forms", "release.licence", "clips.recipe", "languages"}
    chosen = [
        (field, value)
        for part in groups()
        for field in fields_of(part, names)
        for value in field.choices
        if pattern_of(field.key) not in proper
    ]

    assert [
        (field.name, value)
        for field, value in chosen
        if value not in WORDS and f"{field.key[-1]}.{value}" not in WORDS
    ] == []
