"""Nobody is asked by a consent notice that no native speaker has signed; running projects go on and say so."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from catalog.config.project import Project
from catalog.database import Catalog
from catalog.errors import UserError
from catalog.notices import (
    NoticeState,
    UnsignedNotice,
    check_signed,
    keep_sound,
    notice_sound,
    notice_status,
    sign_notice,
)
from catalog.tables import AuditEvent, NoticeSignature, ProjectRow
from tests.transcription.village import demo_project

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CONFIGS = Path(__file__).resolve().parents[2] / "configs"
SCHEDULE = "as bn brx doi gu hi kn kok ks mai ml mni mr ne or pa sa sat sd ta te ur"
"""Languages of the Eighth Schedule to India's Constitution."""


@pytest.fixture
def project(catalog: Catalog) -> Project:
    demo = demo_project()
    real = replace(demo, name="village", consent=replace(demo.consent, demonstration=False))
    with catalog.writing() as session:
        session.add(ProjectRow(id="village", title="Village", created_at=NOW))
    return real


def state(catalog: Catalog, project: Project, language: str = "te") -> NoticeState:
    with catalog.reading() as session:
        return notice_status(session, project, language).state


def signed(catalog: Catalog, project: Project, name: str = "Lakshmi") -> None:
    with catalog.writing() as session:
        sign_notice(session, project, "te", signed_by=name, recorded_by="meera", at=NOW)


def test_an_unsigned_notice_refuses_and_says_the_mend(catalog: Catalog, project: Project) -> None:
    with catalog.reading() as session, pytest.raises(UnsignedNotice, match="boli consent sign-notice te"):
        check_signed(session, project, "te")


def test_a_signature_holds_for_its_language_and_its_words_alone(catalog: Catalog, project: Project) -> None:
    signed(catalog, project)
    signed(catalog, project)  # again changes nothing

    assert state(catalog, project) is NoticeState.SIGNED
    assert state(catalog, project, "kn") is NoticeState.UNSIGNED
    changed = replace(
        project,
        consent=replace(
            project.consent, notices={**project.consent.notices, "te": "మీ గొంతును అమ్ముతాము"}, purposes={}
        ),
    )
    assert state(catalog, changed) is NoticeState.UNSIGNED
    with catalog.reading() as session:
        check_signed(session, project, "te")
        assert session.query(NoticeSignature).count() == 1
        (event,) = session.query(AuditEvent).filter_by(action="notice.signed").all()
    assert event.actor == "meera" and event.detail["language"] == "te"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_signature_has_a_name(catalog: Catalog, project: Project, name: str) -> None:
    with pytest.raises(UserError, match="a signature has a name"):
        signed(catalog, project, name)


def test_a_demonstration_and_a_public_licence_need_no_signature_and_say_what_they_are(
    catalog: Catalog, project: Project
) -> None:
    show = replace(project, consent=replace(project.consent, demonstration=True))
    public = replace(project, consent=replace(project.consent, public_licence="CC0-1.0"))

    assert state(catalog, show) is NoticeState.DEMONSTRATION
    assert state(catalog, public) is NoticeState.PUBLIC_LICENCE
    assert NoticeState.DEMONSTRATION.may_be_used and not NoticeState.UNSIGNED.may_be_used


def test_what_people_were_asked_by_before_goes_on_until_its_version_changes(
    catalog: Catalog, project: Project
) -> None:
    with catalog.writing() as session:
        session.add(
            NoticeSignature(
                id="notice-before",
                project_id="village",
                language="te",
                notice_version="1",
                text_sha256=None,
                signed_by="nobody",
                recorded_by="migration",
                at=NOW,
            )
        )

    assert state(catalog, project) is NoticeState.IN_USE_BEFORE
    later = replace(project, consent=replace(project.consent, version="2"))
    assert state(catalog, later) is NoticeState.UNSIGNED


def test_a_person_is_heard_before_a_machine_and_neither_in_other_words(
    catalog: Catalog, project: Project
) -> None:
    with catalog.writing() as session:
        for sha256, machine in (("a" * 64, False), ("b" * 64, True)):
            keep_sound(
                session,
                project,
                "te",
                key=f"notices/{sha256}.ogg",
                sha256=sha256,
                seconds=60,
                machine=machine,
                by="meera",
                at=NOW,
            )
    changed = replace(
        project,
        consent=replace(project.consent, notices={**project.consent.notices, "te": "వేరే మాట"}, purposes={}),
    )

    with catalog.reading() as session:
        heard = notice_sound(session, project, "te")
        assert heard is not None and not heard.machine
        assert notice_sound(session, changed, "te") is None


def test_every_language_of_the_eighth_schedule_has_a_form_in_its_own_script() -> None:
    forms = {path.stem: path.read_text("utf-8") for path in (CONFIGS / "notices").glob("*.txt")}

    assert set(SCHEDULE.split()) <= set(forms)
    assert len(SCHEDULE.split()) == 22
    for code, text in forms.items():
        language = yaml.safe_load((CONFIGS / "languages" / f"{code}.yaml").read_text("utf-8"))
        lines = text.strip().splitlines()
        assert len(lines) == 7 and '"' in lines[-1], code
        own = {"".join(script) for script in language["scripts"]}
        assert own, code
        letters = [letter for letter in text if letter.isalpha()]
        foreign = [letter for letter in letters if letter.isascii()]
        assert not foreign or "Latn" in own, (code, foreign[:5])
