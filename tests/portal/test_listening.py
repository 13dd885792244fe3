"""Short links to what a clip sounds like."""

from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy import select

from catalog.consent import withdraw
from catalog.tables import Clip, Speaker
from portal.app import create_app
from portal.listening import LASTS, link


def a_clip(portal) -> str:
    with portal.catalog.reading() as session:
        return session.scalars(select(Clip.id).order_by(Clip.id)).first()


def test_a_link_gives_the_preview_whole_and_in_ranges(busy_portal, busy_client):
    address = link(busy_portal, a_clip(busy_portal), "preview", listener="somebody", now=busy_portal.clock())

    whole = busy_client.get(address)
    part = busy_client.get(address, headers={"Range": "bytes=10-29"})

    assert whole.status_code == 200 and whole.content[:4] == b"OggS"
    assert part.status_code == 206 and part.content == whole.content[10:30]
    assert part.headers["content-range"] == f"bytes 10-29/{len(whole.content)}"


def test_a_range_that_no_browser_sends_gives_the_whole(busy_portal, busy_client):
    address = link(busy_portal, a_clip(busy_portal), "preview", listener="somebody", now=busy_portal.clock())

    answers = [
        busy_client.get(address, headers={"Range": f"bytes={first}-".encode("latin-1")})
        for first in ("²", "9" * 5000)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_link_is_for_one_clip_one_rendition_and_some_minutes(busy_portal, busy_client):
    now = busy_portal.clock()
    address = link(busy_portal, a_clip(busy_portal), "preview", listener="somebody", now=now)

    assert busy_client.get(address.replace("/preview?", "/peaks?")).status_code == 404
    assert busy_client.get(address.replace("by=somebody", "by=another")).status_code == 404
    later = replace(busy_portal, clock=lambda: now + LASTS + timedelta(seconds=1))
    with TestClient(create_app(later)) as browser:
        assert browser.get(address).status_code == 410


def test_nobody_hears_a_clip_whose_speaker_took_consent_back(busy_portal, busy_client):
    now = busy_portal.clock()
    address = link(busy_portal, a_clip(busy_portal), "peaks", listener="somebody", now=now)
    assert busy_client.get(address).json()["bits"] == 8

    with busy_portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker.id)).one()
        withdraw(session, speaker_id=speaker, recorded_by="tests", at=now)

    assert busy_client.get(address).status_code == 404
