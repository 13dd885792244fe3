"""Everything about one voice, as the speaker takes it home: sound, texts and facts, on a page that needs nothing."""

import io
import json
import zipfile
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from catalog.speakers import speaker_id_of
from catalog.states import Role
from catalog.tables import AuditEvent, Clip, ConsentReceipt, Recording, Speaker, SpeakerPrivate, Transcript
from catalog.voice_records import consents_of
from portal.access.secrets import hashed
from portal.context import PortalContext
from portal.record.consent.withdrawal import take_back
from portal.record.export.archive import voice_archive
from portal.record.export.page import voice_page
from tests.portal.people import sign_in
from tests.portal.record.test_consent_pages import CODE

SPEAKER = speaker_id_of("demo", "te-01")
WORDS = "నాకు పాట <పాడటం> & ఇష్టం"


@pytest.fixture
def voice(busy_portal: PortalContext) -> PortalContext:
    """te-01 with four recordings, a text, a paper, a name and a phone."""
    with busy_portal.catalog.writing() as session:
        clip = session.scalars(select(Clip).order_by(Clip.id)).first()
        assert clip is not None
        session.add(
            Transcript(
                id="transcript-1",
                clip_id=clip.id,
                version=1,
                verbatim=WORDS,
                normalised=WORDS,
                origin="review",
                guideline="te@1",
                accepted_at=busy_portal.clock(),
            )
        )
        session.add(SpeakerPrivate(speaker_id=SPEAKER, name="Lakshmi Devi", phone="+91 98480 22338"))
        session.add(
            ConsentReceipt(
                code_sha256=hashed(CODE),
                speaker_id=SPEAKER,
                consent_event_id=_event(busy_portal),
                made_at=busy_portal.clock(),
            )
        )
    return busy_portal


def _event(portal: PortalContext) -> str:
    from catalog.consent import history

    with portal.catalog.reading() as session:
        return history(session, SPEAKER)[-1].id


def unpacked(blocks: Iterable[bytes]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(blocks))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def exported(portal: PortalContext, *, tells_private: bool = True) -> dict[str, bytes]:
    with portal.catalog.reading() as session:
        page = voice_page(
            session,
            session.get_one(Speaker, SPEAKER),
            portal.project("demo"),
            portal.languages,
            at=portal.clock(),
            tells_private=tells_private,
        )
    return unpacked(voice_archive(portal.catalog, portal.store, page))


class Sources(HTMLParser):
    """What a page links to, and whether anything of it is elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


def test_every_recording_and_clip_is_in_it_as_it_is_heard_and_the_page_links_to_nothing_else(
    voice: PortalContext,
) -> None:
    files = exported(voice)

    with voice.catalog.reading() as session:
        originals = session.execute(select(Recording.upload_id, Recording.key)).all()
        previews = session.execute(select(Clip.id, Clip.preview_key)).all()
    assert originals and previews
    for upload, key in originals:
        name = f"recordings/{upload}.{key.rpartition('.')[2]}"
        assert files[name] == voice.store.get_bytes(key, 10**8)
    for clip, key in previews:
        assert files[f"clips/{clip}.{key.rpartition('.')[2]}"] == voice.store.get_bytes(key, 10**8)
    page = Sources()
    page.feed(files["index.html"].decode())
    sound = {name for name in files if name.startswith(("recordings/", "clips/"))}
    assert sound <= set(page.found)
    assert {name for name in page.found if not name.startswith("consent/")} <= set(files)


def test_the_page_is_in_the_speakers_language_and_holds_facts_consents_and_texts_escaped(
    voice: PortalContext,
) -> None:
    page = exported(voice)["index.html"].decode()

    assert '<html lang="te" dir="ltr">' in page
    assert "Lakshmi Devi" in page and "98480" in page
    assert '<p class="text" lang="te" dir="ltr">నాకు పాట &lt;పాడటం&gt; &amp; ఇష్టం</p>' in page
    with voice.catalog.reading() as session:
        given = consents_of(session, SPEAKER)[0]
    assert given.notice_version in page


def test_a_page_in_a_language_written_from_the_right_holds_each_text_in_its_own_direction(
    voice: PortalContext,
) -> None:
    with voice.catalog.writing() as session:
        session.get_one(Speaker, SPEAKER).language = "ur"

    page = exported(voice)["index.html"].decode()

    assert '<html lang="ur" dir="rtl">' in page
    assert '<p class="text" lang="te" dir="ltr">' in page
    assert "<bdi>te-01</bdi>" in page


def test_the_same_is_there_as_data_a_line_each(voice: PortalContext) -> None:
    lines = [json.loads(line) for line in exported(voice)["data.jsonl"].decode().splitlines()]

    kinds = [line["record"] for line in lines]
    assert kinds[0] == "speaker" and "consent" in kinds
    with voice.catalog.reading() as session:
        assert kinds.count("file") == session.scalar(select(func.count()).select_from(Recording))
        assert kinds.count("clip") == session.scalar(select(func.count()).select_from(Clip))
    assert WORDS in [line.get("text") for line in lines]


def test_the_paper_opens_everything_but_name_and_phone_and_it_is_on_record(
    voice: PortalContext, busy_client: TestClient
) -> None:
    answer = busy_client.post("/withdraw/everything", data={"code": CODE})

    assert answer.headers["content-type"] == "application/zip"
    page = unpacked([answer.content])["index.html"].decode()
    assert WORDS.split()[0] in page
    assert "Lakshmi" not in page and "98480" not in page
    with voice.catalog.reading() as session:
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "speaker.exported")).one()
    assert (act.actor, act.subject_id) == ("receipt", SPEAKER)


def test_a_wrong_code_opens_nothing_and_waits_like_one_that_would_withdraw(
    voice: PortalContext, busy_client: TestClient
) -> None:
    answers = [busy_client.post("/withdraw/everything", data={"code": "WRNG" * 4}) for _ in range(12)]

    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429


def test_what_was_taken_back_is_told_and_its_sound_given_to_nobody(voice: PortalContext) -> None:
    take_back(voice.catalog, SPEAKER, by="receipt", now=voice.clock())

    files = exported(voice)

    assert not [name for name in files if name.startswith(("recordings/", "clips/"))]
    assert voice.project("demo").title in files["index.html"].decode()


def test_a_coordinator_who_did_not_meet_the_speaker_gets_no_copy_and_a_manager_does(
    voice: PortalContext, busy_client: TestClient
) -> None:
    ravi = sign_in(voice, "ravi", [Role.COORDINATOR])
    assert ravi.browser(busy_client).post(f"/speakers/{SPEAKER}/everything").status_code == 404

    meera = sign_in(voice, "meera", [Role.MANAGER])
    answer = meera.browser(busy_client).post(f"/speakers/{SPEAKER}/everything")
    assert "Lakshmi Devi" in unpacked([answer.content])["index.html"].decode()


def test_a_manager_corrects_what_is_known_of_a_speaker_on_record(
    voice: PortalContext, busy_client: TestClient
) -> None:
    meera = sign_in(voice, "meera", [Role.MANAGER]).browser(busy_client)
    facts = {"language": "te", "gender": "female", "age_band": "25-34", "district": "Hanamkonda"}

    answer = meera.post(f"/speakers/{SPEAKER}/edit", data=facts)

    assert answer.status_code == 303
    with voice.catalog.reading() as session:
        assert session.get_one(Speaker, SPEAKER).district == "Hanamkonda"
        act = session.scalars(select(AuditEvent).where(AuditEvent.action == "speaker.revised")).one()
    assert "district" in act.detail["facts"]
