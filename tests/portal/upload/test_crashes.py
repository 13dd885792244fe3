"""kill -9 and the power going: what was promised is there, what was not promised is not trusted."""

import random
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from catalog.tables import AuditEvent, Upload
from tests.portal.upload.bad_link import Fate, bad_link
from tests.portal.upload.battering import batter
from tests.portal.upload.patient import PatientClient
from tests.portal.upload.upload_portal import (
    RawPatch,
    UploadPortal,
    noise,
    patch,
    recording,
    resume,
    upload_portal,
)
from tests.waiting import until

SMALL: dict[str, Any] = {
    "portion_bytes": 32 * 1024,
    "portion_seconds": 0.2,
    "idle_seconds": 5.0,
    "free_bytes": 0,
}


def _counts_more_than(portal: UploadPortal, location: str, offset: int) -> bool:
    return portal.transfer(location).offset > offset


def test_a_server_that_is_killed_goes_on_from_what_it_promised(folder: Path) -> None:
    body = noise(600_000, seed=40)
    with upload_portal(folder, **SMALL) as portal, portal.client() as client:
        location = portal.create(len(body), recording("killed.amr"))
        promised = 0
        for cut in (50_000, 120_000, 333_333):
            upload = RawPatch(portal.port, location, promised, len(body) - promised)
            upload.send(body[promised:cut])
            until(partial(_counts_more_than, portal, location, promised))
            promised = portal.transfer(location).offset
            portal.kill()
            upload.close()
            portal.start()
            offset = resume(client, location)
            assert offset >= promised
            promised = offset
        answer = patch(client, location, promised, body[promised:])

        assert answer.headers["Boli-Receipt"]
        assert portal.kept()["killed.amr"] == body


def test_bytes_behind_the_offset_are_cut_off_whatever_they_are(folder: Path) -> None:
    """As a crash leaves them that came between a write and its count."""
    body = noise(100_000, seed=41)
    with upload_portal(folder, **SMALL) as portal, portal.client() as client:
        location = portal.create(len(body), recording("cut.amr"))
        patch(client, location, 0, body[:40_000])
        with portal.file_of(location).open("ab") as file:
            file.write(b"never counted" * 1000)

        assert resume(client, location) == 40_000
        patch(client, location, 40_000, body[40_000:50_000])
        assert portal.file_of(location).read_bytes() == body[:50_000]
        patch(client, location, 50_000, body[50_000:])

        assert portal.kept()["cut.amr"] == body


def test_a_disk_that_lost_counted_bytes_ends_the_upload_and_the_file_is_sent_again(folder: Path) -> None:
    body = noise(1_000, seed=42)
    with upload_portal(folder, **SMALL) as portal, portal.client() as client:
        location = portal.create(len(body))
        patch(client, location, 0, body[:600])
        with portal.file_of(location).open("r+b") as file:
            file.truncate(500)

        answer = patch(client, location, 600, body[600:])

        assert answer.status_code == 410
        assert "again from its beginning" in answer.json()["error"]["message"]
        assert portal.kept() == {}


def test_an_operator_who_stops_the_server_costs_no_byte_that_came(folder: Path) -> None:
    body = noise(20_000, seed=43)
    with upload_portal(folder, **(SMALL | {"portion_seconds": 30.0, "idle_seconds": 30.0})) as portal:
        location = portal.create(len(body))
        upload = RawPatch(portal.port, location, 0, len(body))
        upload.send(body[:10_000])
        with portal.client() as client:
            until(lambda: portal.file_of(location).exists() and client.get("/health").is_success)
        until(lambda: portal.transfer(location).lock_token > 0)

        portal.stop()

        assert portal.transfer(location).offset == 10_000
        assert portal.file_of(location).read_bytes() == body[:10_000]
        portal.start()


@pytest.mark.slow
def test_200_random_cuts_kills_and_retries_lose_no_byte_and_double_none(folder: Path) -> None:
    dice = random.Random(5)
    with upload_portal(folder, **SMALL) as portal:
        battered = batter(portal, dice, wounds=200)

        assert battered.wounds >= 200 and battered.kills > 0
        assert portal.kept() == battered.sent
        with portal.catalog.reading() as session:
            assert session.scalar(select(func.count()).select_from(Upload)) == len(battered.sent)
            received = select(func.count()).where(AuditEvent.action == "upload.received")
            assert session.scalar(received) == len(battered.sent)


@pytest.mark.parametrize(
    ("fate", "chunk"), [(Fate.BLACK_HOLE, None), (Fate.RESET, None), (Fate.RESET, 100_000)]
)
def test_a_link_that_dies_every_200_kb_is_got_through(
    portal: UploadPortal, fate: Fate, chunk: int | None
) -> None:
    body = noise(950_000, seed=44)
    name = f"{fate}-{chunk}.amr"

    with bad_link(portal.port, fate, every=200_000) as link:
        sent = PatientClient(link.port, chunk=chunk, stall_seconds=0.5).send(body, recording(name))

    assert link.broken >= 4
    assert portal.kept()[name] == body
    assert sent.seconds < 15


def test_a_lost_last_reply_gives_the_same_receipt_when_it_is_asked_for_again(portal: UploadPortal) -> None:
    body = noise(100_000, seed=45)

    with bad_link(portal.port, Fate.LOST_REPLY, every=90_000, times=1) as link:
        sent = PatientClient(link.port, stall_seconds=0.5).send(body, recording("reply.amr"))

    assert link.broken == 1
    assert portal.kept()["reply.amr"] == body
    with portal.client() as client:
        again = patch(client, sent.location, len(body), b"")
    assert (again.status_code, again.headers["Boli-Receipt"]) == (204, sent.receipt)
    assert again.headers["Boli-Upload"] == sent.upload_id
    with portal.catalog.reading() as session:
        received = select(func.count()).where(
            AuditEvent.action == "upload.received", AuditEvent.subject_id == sent.upload_id
        )
        assert session.scalar(received) == 1


def test_a_link_of_a_few_kilobytes_a_second_gets_through(portal: UploadPortal) -> None:
    body = noise(30_000, seed=46)

    with bad_link(portal.port, Fate.RESET, every=20_000, bytes_per_second=20_000) as link:
        PatientClient(link.port).send(body, recording("slow.amr"))

    assert portal.kept()["slow.amr"] == body


def test_two_processes_over_one_folder_take_over_from_each_other(folder: Path) -> None:
    body = noise(200_000, seed=47)
    with upload_portal(folder, **(SMALL | {"idle_seconds": 30.0})) as first:
        second = UploadPortal(first.folder, first.database, first.catalog, first.limits)
        second.start()
        try:
            location = first.create(len(body), recording("two.amr"))
            hanging = RawPatch(first.port, location, 0, len(body))
            hanging.send(body[:70_000])
            until(lambda: first.transfer(location).offset == 70_000)

            with second.client() as client:
                offset = resume(client, location)
                answer = patch(client, location, offset, body[offset:])

            assert offset == 70_000
            assert answer.headers["Boli-Receipt"]
            assert first.kept()["two.amr"] == body
            assert hanging.answer().status == 423
        finally:
            second.stop()


def test_a_live_process_that_was_killed_leaves_no_lock_behind(folder: Path) -> None:
    with upload_portal(folder, **SMALL) as first:
        second = UploadPortal(first.folder, first.database, first.catalog, first.limits)
        second.start()
        try:
            location = first.create(10_000)
            hanging = RawPatch(first.port, location, 0, 10_000)
            hanging.send(bytes(5_000))
            until(lambda: first.transfer(location).offset == 5_000)
            first.kill()

            with httpx.Client(base_url=second.address, headers={"X-Person": "asha"}) as client:
                answer = client.head(location, headers={"Tus-Resumable": "1.0.0"})

            assert (answer.status_code, answer.headers["Upload-Offset"]) == (200, "5000")
        finally:
            second.stop()
            first.start()
