"""After an old backup was restored, what people said since holds: their no, and an order to keep their voice."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import legal_hold
from catalog.age import hold
from catalog.backup.backups import Backup, back_up, restore
from catalog.backup.objects import mirror_key
from catalog.backup.withdrawals import SaidAgain, say_again
from catalog.consent import ConsentScope, consented, grant, is_withdrawn
from catalog.database import Catalog, open_catalog
from catalog.erasure import ErasureRules, erase_voices
from catalog.keys import consent_key
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
) -> Callable[[Backup], tuple[ObjectStore, SaidAgain]]:
    def brought(backup: Backup) -> tuple[ObjectStore, SaidAgain]:
        there = open_store((tmp_path / "new").as_uri())
        restore(mirror, backup, new, there, scratch=tmp_path)
        return there, say_again(new, there, mirror, backup, now=LATER, scratch=tmp_path)

    return brought


def erase(catalog: Catalog, store: ObjectStore) -> None:
    erase_voices(catalog, store, project_id="telangana", rules=ErasureRules(), actor="test", at=LATER)


def test_an_order_that_came_later_keeps_what_is_taken_back_again(
    catalog: Catalog,
    new: Catalog,
    talk: str,
    speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, SaidAgain]],
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

    assert again.withdrawn == ("te-01",) and before
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
    bring_back: Callable[[Backup], tuple[ObjectStore, SaidAgain]],
) -> None:
    old = make(0)
    say_no(catalog, speaker_id)
    say_yes(catalog, speaker_id)
    make(1)

    there, again = bring_back(old)
    erase(new, there)

    assert again.withdrawn == ("te-01",) and list(there.list()) == []
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
    bring_back: Callable[[Backup], tuple[ObjectStore, SaidAgain]],
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

    assert sorted(again.withdrawn) == ["te-01", "te-09"] and list(there.list()) == []
    with new.reading() as session:
        assert all(is_withdrawn(session.get_one(Speaker, each)) for each in (speaker_id, late))


def test_a_voice_whose_word_is_still_yes_is_left_alone(
    catalog: Catalog,
    new: Catalog,
    talk: str,
    speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, SaidAgain]],
) -> None:
    old = make(0)
    make(1)

    there, again = bring_back(old)
    erase(new, there)

    assert again == SaidAgain() and list(there.list())


def say_aloud(
    catalog: Catalog, store: ObjectStore, speaker_id: str, sound: bytes, *scopes: ConsentScope
) -> str:
    """A yes with its recording; the recording's key."""
    key = consent_key(hashlib.sha256(sound).hexdigest(), "webm")
    store.put_bytes(key, sound)
    with catalog.writing() as session:
        grant(
            session,
            speaker_id=speaker_id,
            scopes=scopes or tuple(ConsentScope),
            notice_version="1",
            notice_language="te",
            evidence=key,
            evidence_sha256=hashlib.sha256(sound).hexdigest(),
            recorded_by="asha",
            at=NOON,
        )
    return key


def test_the_evidence_of_a_yes_that_stands_again_is_brought_or_it_is_said_that_it_is_missing(
    catalog: Catalog,
    new: Catalog,
    store: ObjectStore,
    mirror: ObjectStore,
    talk: str,
    speaker_id: str,
    second_speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, SaidAgain]],
) -> None:
    old = make(0)
    for each in (speaker_id, second_speaker_id):
        say_no(catalog, each)
    kept = say_aloud(catalog, store, speaker_id, b"yes, once more")
    lost = say_aloud(catalog, store, second_speaker_id, b"yes, I too")
    make(1)
    mirror.delete(mirror_key(lost))

    there, again = bring_back(old)

    assert there.get_bytes(kept, 100) == b"yes, once more"
    assert again.evidence_missing == (lost,) and not there.exists(lost)
    with new.reading() as session:
        assert session.get_one(Speaker, second_speaker_id).consent_scopes


def test_a_yes_to_less_and_a_child_who_waits_for_a_guardian_are_so_again(
    catalog: Catalog,
    new: Catalog,
    store: ObjectStore,
    talk: str,
    speaker_id: str,
    second_speaker_id: str,
    make: Callable[[int], Backup],
    bring_back: Callable[[Backup], tuple[ObjectStore, SaidAgain]],
) -> None:
    old = make(0)
    key = say_aloud(catalog, store, speaker_id, b"listen only", ConsentScope.TRANSCRIPTION)
    with catalog.writing() as session:
        hold(session, second_speaker_id, by="asha", at=NOON)
    make(1)

    there, again = bring_back(old)

    assert again == SaidAgain(narrowed=("te-01",), held=("te-02",)) and there.exists(key)
    with new.reading() as session:
        assert session.get_one(Speaker, speaker_id).consent_scopes == " transcription "
        usable = consented(Recording.id, ConsentScope.TRANSCRIPTION)
        assert session.scalars(select(Recording.id).where(usable)).all() == []
