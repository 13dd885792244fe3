"""A legal hold: the voice is hidden like any other that was taken back, its bytes stay, and go when the hold ends."""

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from catalog import legal_hold
from catalog.consent import ConsentScope
from catalog.database import Catalog
from catalog.erasure import ErasedSound, ErasureRules, erase_voices
from catalog.erasure.proof import write_proof
from catalog.keys import recording_key
from catalog.legal_hold import HoldOrder, InvalidHold
from catalog.store import ObjectStore
from catalog.tables import AuditEvent, SpeakerPrivate
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, second_speaker_id, usable
from tests.catalog.test_erasure import SHA256, send, store, talk

__all__ = ["second_speaker_id", "send", "store", "talk"]
DAY = timedelta(days=1)
KEY = bytes(range(32))
ORDER = HoldOrder("District Court Warangal, 114/2026", "evidence in a land dispute")


def hold(catalog: Catalog, speaker_id: str | None, *, until: datetime | None = None) -> str:
    with catalog.writing() as session:
        return legal_hold.place(
            session,
            HoldOrder(ORDER.ordered_by, ORDER.because, until),
            project_id="telangana",
            speaker_id=speaker_id,
            by="meera",
            at=NOON,
        ).id


def lift(catalog: Catalog, hold_id: str) -> None:
    with catalog.writing() as session:
        legal_hold.end(session, hold_id, project_id="telangana", by="meera", at=NOON)


def erase(catalog: Catalog, store: ObjectStore, *, at: datetime = NOON) -> ErasedSound:
    return erase_voices(
        catalog, store, project_id="telangana", rules=ErasureRules(), actor="flow:collect", at=at
    )


def original(store: ObjectStore) -> bool:
    return store.exists(recording_key(SHA256, "wav"))


def test_a_voice_under_a_hold_is_hidden_and_whole_and_goes_when_somebody_ends_the_hold(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    with catalog.writing() as session:
        session.add(SpeakerPrivate(speaker_id=speaker_id, name="Lakshmi", phone=None))
    order = hold(catalog, speaker_id)
    say_no(catalog, speaker_id)

    assert erase(catalog, store) == ErasedSound()
    assert usable(catalog, ConsentScope.TRANSCRIPTION) == []
    assert original(store)

    lift(catalog, order)
    assert erase(catalog, store).voices == 1
    assert not original(store)
    with catalog.reading() as session:
        assert session.get(SpeakerPrivate, speaker_id) is None


def test_a_hold_ends_by_itself_after_its_day_and_the_log_says_when(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    hold(catalog, speaker_id, until=NOON + DAY)
    say_no(catalog, speaker_id)
    erase(catalog, store, at=NOON + DAY / 2)
    assert original(store)

    erase(catalog, store, at=NOON + 2 * DAY)

    assert not original(store)
    with catalog.reading() as session:
        acts = session.execute(
            select(AuditEvent.action, AuditEvent.actor)
            .where(AuditEvent.action.like("hold.%"))
            .order_by(AuditEvent.id)
        ).all()
    assert [tuple(each) for each in acts] == [("hold.placed", "meera"), ("hold.ended", "its day")]


def test_a_hold_on_the_whole_project_keeps_every_voice(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str, second_speaker_id: str
) -> None:
    hold(catalog, None)
    for each in (speaker_id, second_speaker_id):
        say_no(catalog, each)

    assert erase(catalog, store) == ErasedSound()
    assert original(store)


def test_a_recording_shared_with_a_voice_under_a_hold_waits_for_it_and_so_does_its_erasure(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str, second_speaker_id: str
) -> None:
    order = hold(catalog, second_speaker_id)
    say_no(catalog, speaker_id)

    assert erase(catalog, store).voices == 0
    assert original(store)
    left = proof(catalog, speaker_id)
    assert not left["complete"]
    assert [each["why"] for each in left["remains"] if each["what"] == "recordings"] == [
        "another voice in it is under a legal hold; nobody hears or uses it"
    ]

    lift(catalog, order)
    assert erase(catalog, store).voices == 1
    assert proof(catalog, speaker_id)["complete"]


def test_the_proof_names_the_order_and_why_and_until_when(
    catalog: Catalog, store: ObjectStore, talk: str, speaker_id: str
) -> None:
    hold(catalog, speaker_id, until=legal_hold.end_of_day((NOON + DAY).date()))
    say_no(catalog, speaker_id)
    erase(catalog, store)

    left = proof(catalog, speaker_id)

    assert not left["complete"]
    assert {each["what"]: each["why"] for each in left["remains"]}["recordings"] == (
        "legal hold until 2026-11-23, ordered by District Court Warangal, 114/2026: evidence in a land dispute; "
        "nobody hears or uses it"
    )


@pytest.mark.parametrize(
    "order",
    [
        HoldOrder(" ", "why"),
        HoldOrder("who", ""),
        HoldOrder("who", "why" * 300),
        HoldOrder("who", "why", NOON),
    ],
)
def test_a_hold_says_who_ordered_it_and_why_and_ends_on_a_day_to_come(
    catalog: Catalog, speaker_id: str, order: HoldOrder
) -> None:
    with pytest.raises(InvalidHold), catalog.writing() as session:
        legal_hold.place(session, order, project_id="telangana", speaker_id=speaker_id, by="meera", at=NOON)


def test_another_projects_hold_is_not_mine_to_end(catalog: Catalog, speaker_id: str) -> None:
    order = hold(catalog, speaker_id)
    with pytest.raises(InvalidHold), catalog.writing() as session:
        legal_hold.end(session, order, project_id="elsewhere", by="meera", at=NOON)


def proof(catalog: Catalog, speaker_id: str) -> Any:
    out = io.StringIO()
    write_proof(catalog, speaker_id, out, key=KEY, at=NOON)
    return json.loads(out.getvalue())["statement"]
