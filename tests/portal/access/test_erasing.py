"""A member of staff who left and is erased: out everywhere at once, and only a pseudonym is left of them."""

import csv
import io

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.states import Role
from catalog.tables import AuditEvent, Base, DevicePerson, LedgerEntry, Passkey, Person, PersonPrivate, Secret
from portal.access.invites import make_invite
from portal.app import create_app
from portal.context import PortalContext
from tests.portal.people import Somebody, sign_in
from transcription.staff_erasure import erase_person, pseudonym_of

HANDLE, NAME, PHONE = "asha-kumari", "Asha Kumari Devi", "+91 98480 22338"
CREDENTIAL = "what-her-phone-calls-her-passkey"


@pytest.fixture
def asha(portal: PortalContext) -> Somebody:
    """A transcriber with a name, a PIN, an invite and pay."""
    asha = sign_in(portal, HANDLE, [Role.TRANSCRIBER])
    with portal.catalog.writing() as session:
        session.add(PersonPrivate(person_id=asha.person_id, name=NAME, phone=PHONE))
        device_id = session.scalars(
            select(DevicePerson.device_id).where(DevicePerson.person_id == asha.person_id)
        ).one()
        session.add(
            Passkey(
                id="passkey-1",
                credential_id=CREDENTIAL,
                person_id=asha.person_id,
                device_id=device_id,
                public_key=b"public half",
                sign_count=0,
                name="Android phone",
                added_at=portal.clock(),
                used_at=None,
            )
        )
        session.add(Secret(person_id=asha.person_id, hash="argon2", set_at=portal.clock()))
        make_invite(session, asha.person_id, made_by="tests", now=portal.clock())
        session.add(
            LedgerEntry(
                id="entry-1",
                project_id="demo",
                person_id=asha.person_id,
                work="transcription",
                subject_id="submission-1",
                quantity=2.0,
                unit="audio_minute",
                rate_millis=1000,
                amount_millis=2000,
                currency="INR",
                at=portal.clock(),
            )
        )
    return asha


@pytest.fixture
def manager(portal: PortalContext, client: TestClient, asha: Somebody) -> TestClient:
    return sign_in(portal, "meera", [Role.MANAGER]).browser(client)


def erase(manager: TestClient) -> None:
    manager.post(f"/people/{HANDLE}/active", data={"active": "0"})
    assert manager.post(f"/people/{HANDLE}/erase", data={"sure": "1"}).status_code == 303


def test_their_next_request_is_answered_as_a_strangers(
    portal: PortalContext, manager: TestClient, asha: Somebody
) -> None:
    with TestClient(create_app(portal), base_url=portal.address, follow_redirects=False) as browser:
        theirs = asha.browser(browser)
        assert theirs.get("/me").status_code == 200

        erase(manager)

        assert theirs.get("/me").status_code in (303, 401)


def test_nothing_in_any_table_says_who_they_were_and_their_pay_stands_under_a_pseudonym(
    portal: PortalContext, manager: TestClient, asha: Somebody
) -> None:
    erase(manager)

    with portal.catalog.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(*table.c.values())):
                for secret in (HANDLE, NAME, PHONE, CREDENTIAL, "argon2"):
                    assert secret not in str(row), table.name
    pseudonym = pseudonym_of(asha.person_id)
    ledger = list(csv.reader(io.StringIO(manager.get("/manage/ledger.csv").text)))
    assert any(pseudonym in row for row in ledger)
    page = manager.get(f"/people/{pseudonym}/access").text
    assert "What they did, and what they are owed, stands under this pseudonym." in page
    assert "Take on again" not in page


def test_an_erased_person_is_never_taken_on_again_and_erasing_twice_is_once(
    portal: PortalContext, manager: TestClient, asha: Somebody
) -> None:
    erase(manager)
    pseudonym = pseudonym_of(asha.person_id)

    assert manager.post(f"/people/{pseudonym}/active", data={"active": "1"}).status_code == 403
    with portal.catalog.writing() as session:
        assert erase_person(session, asha.person_id, by="meera", now=portal.clock()) == pseudonym
    with portal.catalog.reading() as session:
        assert not session.get_one(Person, asha.person_id).active
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "person.erased")).all()) == 1


def test_nobody_is_erased_who_still_works_here_nor_by_themselves(
    portal: PortalContext, manager: TestClient
) -> None:
    manager.post(f"/people/{HANDLE}/erase", data={"sure": "1"})
    assert manager.post("/people/meera/erase", data={"sure": "1"}).status_code == 403

    with portal.catalog.reading() as session:
        assert session.scalars(select(Person).where(Person.erased_at.is_not(None))).all() == []
