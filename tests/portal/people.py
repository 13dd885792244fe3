"""People at the portal in tests: taken on, enrolled and signed in through the services themselves."""

from collections.abc import Collection
from dataclasses import dataclass

from fastapi.testclient import TestClient

from catalog.ids import new_id
from catalog.states import Role
from catalog.tables import Device, DevicePerson, ProjectRow
from portal.access import session as sessions
from portal.access.guard import TOKEN_HEADER, session_cookie
from portal.access.secrets import hashed, new_secret
from portal.context import PortalContext
from transcription.people import add_person


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with a session on a device of their own. cookie: its name and secret"""

    person_id: str
    session_secret: str
    cookie: tuple[str, str]
    token: str

    def browser(self, app_client: TestClient) -> TestClient:
        """That client, with the person's cookie and with the token that their pages would send."""
        app_client.cookies.set(*self.cookie)
        app_client.headers[TOKEN_HEADER] = self.token
        return app_client


def sign_in(
    portal: PortalContext,
    handle: str,
    roles: Collection[Role],
    *,
    languages: Collection[str] = ("te",),
    project: str = "demo",
    person_id: str | None = None,
) -> Somebody:
    """Take somebody on (or take the person of that id) and sign them in on a new device."""
    now = portal.clock()
    with portal.catalog.writing() as session:
        if session.get(ProjectRow, project) is None:
            session.add(ProjectRow(id=project, title=project, created_at=now))
            session.flush()
        if person_id is None:
            person_id = add_person(
                session, handle, project=project, roles=roles, languages=languages, by="tests", now=now
            ).id
        device = Device(
            id=new_id("device"),
            secret_sha256=hashed(new_secret()),
            name="Android phone",
            enrolled_at=now,
            ended_at=None,
        )
        session.add(device)
        session.flush()
        session.add(DevicePerson(device_id=device.id, person_id=person_id, enrolled_at=now, ended_at=None))
        session.flush()
        secret = sessions.begin(session, person_id=person_id, device_id=device.id, project=project, now=now)
        signed = sessions.look_up(session, secret, now=now)
    assert signed is not None
    return Somebody(
        person_id, secret, (session_cookie(portal), secret), portal.signature("form", signed.session_id)
    )
