"""After an old backup was restored, what people said since holds: their no, and an order to keep their voice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import legal_hold
from catalog.backup.backups import Backup, back_up, restore
from catalog.backup.withdrawals import withdraw_again
from catalog.consent import ConsentScope, consented, is_withdrawn
from catalog.database import Catalog, open_catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.receiving import UploadReceipt
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.store import ObjectStore, open_store
from catalog.tables import LegalHold, Recording, Speaker
from tests.catalog.conftest import NOON
from tests.catalog.test_consent import say_no, say_yes, second_speaker_id
from tests.catalog.test_erasure import send, store, talk

__all__ = ["second_speaker_id", "send", "store", "talk"]
LATER = NOON + timedelta(days=2)


@pytest.fixture
def mirror(tmp_path: Path) -> ObjectStore:
    return open_store((tmp_path / "elsewhere").as_uri())


@pytest.fixture
def make(
    catalog: Catalog, store: ObjectStore, mirror: ObjectStore, tmp_path: Path
) -> Callable[[int], Backup]:
    def made(hour: int) -> Backup:
        at = NOON + timedelta(hours=hour)
        return back_up(catalog, store, mirror, now=at, keep=timedelta(days=9), scratch=tmp_path).backup

    return made


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Catalog]:
    catalog = open_catalog(f"sqlite:///{tmp_path / 'new.sqlite'}")
    yield catalog
    catalog.close()


@pytest.fixture
def bring_back(
    new: Catalog, mirror: ObjectStore, tmp_path: Path
) -> Callable[[Backup], tuple[ObjectStore, tuple[str, ...]]]:
    def brought(backup: Backup) -> tuple[ObjectStore, tuple[str, ...]]:
        there = open_store((tmp_path / "new").as_uri())
        restore(mirror, backup, new, there, scratch=tmp_path)
        return there, withdraw_again(new, mirror, backup, now=LATER, scratch=tmp_path)

    return brought


def erase(catalog: Catalog, store: ObjectStore) -> None:
    erase_voices(catalog, store, project_id="telangana", rules=ErasureRules(), actor="test", at=LATER)


def test_an_order_that_came_later_keeps_what_is_taken_back_again(
    catalog: Catalog,
    new: Catalog,
    talk: str,
    speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, tuple[str, ...]]],
) -> None:
    old = make(0)
    with catalog.writing() as session:
        order = legal_hold.HoldOrder("High Court", "case 12")
        legal_hold.place(session, order, project_id="telangana", speaker_id=speaker_id, by="m", at=NOON)
    say_no(catalog, speaker_id)
    make(1)

    there, again = bring_back(old)
    before = {each.key for each in there.list()}
    erase(new, there)

    assert again == ("te-01",) and before
    assert {each.key for each in there.list()} == before
    with new.writing() as session:
        hold = session.scalars(select(LegalHold)).one()
        legal_hold.end(session, hold.id, project_id="telangana", by="m", at=LATER)
    erase(new, there)
    assert list(there.list()) == []


def test_a_yes_after_a_no_does_not_bring_back_what_was_given_before_it(
    catalog: Catalog,
    new: Catalog,
    talk: str,
    speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, tuple[str, ...]]],
) -> None:
    old = make(0)
    say_no(catalog, speaker_id)
    say_yes(catalog, speaker_id)
    make(1)

    there, again = bring_back(old)
    erase(new, there)

    assert again == ("te-01",) and list(there.list()) == []
    with new.reading() as session:
        speaker = session.get_one(Speaker, speaker_id)
        assert speaker.consent_scopes and speaker.consent_round == 1
        usable = consented(Recording.id, ConsentScope.TRANSCRIPTION)
        assert session.scalars(select(Recording.id).where(usable)).all() == []


def test_a_voice_that_was_not_asked_yet_or_not_known_says_no_too(
    catalog: Catalog,
    new: Catalog,
    send: Callable[[str], UploadReceipt],
    speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, tuple[str, ...]]],
) -> None:
    send("te-01")
    old = make(0)
    with catalog.writing() as session:
        late = register_speaker(
            session, project_id="telangana", facts=SpeakerFacts("te-09"), actor="asha", at=NOON
        ).id
    for each in (speaker_id, late):
        say_yes(catalog, each)
        say_no(catalog, each)
    make(1)

    there, again = bring_back(old)
    erase(new, there)

    assert sorted(again) == ["te-01", "te-09"] and list(there.list()) == []
    with new.reading() as session:
        assert all(is_withdrawn(session.get_one(Speaker, each)) for each in (speaker_id, late))


def test_a_voice_whose_word_is_still_yes_is_left_alone(
    catalog: Catalog,
    new: Catalog,
    talk: str,
    speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, tuple[str, ...]]],
) -> None:
    old = make(0)
    make(1)

    there, again = bring_back(old)
    erase(new, there)

    assert again == () and list(there.list())
