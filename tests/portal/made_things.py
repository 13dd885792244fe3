"""Things that somebody made in the portal, for tests that only need them to be there."""

import base64

from fastapi.testclient import TestClient

from catalog.imports import note_import
from catalog.speakers import speaker_id_of
from catalog.states import ImportKind
from portal.context import PortalContext
from tests.portal.people import Somebody

TUS = {"Tus-Resumable": "1.0.0"}


def made_transfer(client: TestClient, somebody: Somebody, pseudonym: str) -> str:
    """An upload on its way."""
    told = {"filename": "a.amr", "speaker": pseudonym, "language": "te"}
    metadata = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items())
    client.cookies.clear()
    made = somebody.browser(client).post(
        "/uploads", headers=TUS | {"Upload-Length": "100", "Upload-Metadata": metadata}
    )
    assert made.status_code == 201, made.text
    return str(made.headers["Location"]).rpartition("/")[2]


def made_import(portal: PortalContext, project: str, somebody: Somebody, pseudonym: str) -> str:
    """A list of one speaker that somebody brought."""
    ids, now = [speaker_id_of(project, pseudonym)], portal.clock()
    with portal.catalog.writing() as session:
        return note_import(session, project, ImportKind.SPEAKERS, ids, by=somebody.person_id, now=now)
