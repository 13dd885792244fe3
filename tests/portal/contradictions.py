"""What screens say against what the catalogue holds: every page of every role, read as its reader would."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.consent import history
from catalog.reconciliation.balance import balance_of
from catalog.states import RecordingState, Role, SlotPurpose, SubmissionKind, UploadState
from catalog.tables import (
    Clip,
    LedgerEntry,
    Recording,
    Release,
    Review,
    Slot,
    Speaker,
    Submission,
    Task,
    Upload,
)
from portal.context import PortalContext
from portal.i18n.formats import Formats
from portal.i18n.translation import interface_language
from portal.items.words import STATE_WORDS
from tests.portal.crawler import ReadPage, number_in, read, rows_behind, walk

STARTS: Mapping[Role, tuple[str, ...]] = {
    Role.COORDINATOR: ("/record", "/record/mine", "/speakers", "/me"),
    Role.TRANSCRIBER: ("/write", "/write/texts", "/my-work", "/me"),
    Role.REVIEWER: ("/review", "/review/reports", "/my-work", "/me"),
    Role.MANAGER: ("/manage", "/manage/lists/files", "/manage/lists/clips", "/manage/lists/speakers", "/me"),
    Role.ML_READER: ("/datasets", "/api", "/me"),
}
AWAY = frozenset({"/datasets/runs"})
"""Where another server is asked, which the tests leave out: these may say that it is away."""
FORMATS = Formats(interface_language("en"))


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at the pages. person_id: of their account"""

    role: Role
    person_id: str
    client: TestClient


def contradictions(portal: PortalContext, readers: list[Reader]) -> list[str]:
    """What any page of any of them says that is not so, in sentences."""
    found: list[str] = []
    for reader in readers:
        pages = {page.address: page for page in walk(reader.client, *STARTS[reader.role])}
        found += [f"{reader.role}: {each}" for each in _dead(pages)]
        if reader.role is Role.MANAGER:
            found += _numbers(reader.client, pages)
        with portal.catalog.reading() as session:
            found += [f"{reader.role}: {each}" for each in _against_catalogue(portal, session, reader, pages)]
    return found


def _dead(pages: Mapping[str, ReadPage]) -> Iterator[str]:
    """Links that lead nowhere."""
    for page in pages.values():
        if page.status >= 400 and page.address not in AWAY:
            yield f"{page.address} is linked, and answers {page.status}"


def _numbers(client: TestClient, pages: Mapping[str, ReadPage]) -> Iterator[str]:
    """Numbers that lead to a list in which there are more or fewer."""
    counted: dict[str, int] = {}
    for page in pages.values():
        for link in page.links:
            number = number_in(link.text)
            if number is None or not link.target.startswith("/manage/lists/"):
                continue
            if link.target not in counted:
                counted[link.target] = len(rows_behind(client, link.target))
            if counted[link.target] != number:
                yield f"{page.address} says {number} and leads to {counted[link.target]}: {link.target}"


def _against_catalogue(
    portal: PortalContext, session: Session, reader: Reader, pages: Mapping[str, ReadPage]
) -> Iterator[str]:
    match reader.role:
        case Role.COORDINATOR:
            yield from _coordinator(session, reader, pages)
        case Role.TRANSCRIBER | Role.REVIEWER:
            yield from _worker(session, reader, pages)
        case Role.ML_READER:
            yield from _datasets(session, pages)
        case Role.MANAGER:
            yield from _datasets(session, pages)
            yield from _items(session, reader.client, pages)
            balanced = balance_of(portal.catalog, portal.store, "demo").balanced
            if ("The books balance." in pages["/manage/books"].text) is not balanced:
                yield f"/manage/books: they balance is {balanced}"


def _items(session: Session, client: TestClient, pages: Mapping[str, ReadPage]) -> Iterator[str]:
    """States of files and clips, in their lists and on their pages."""
    files, clips = _file_states(session), _clip_states(session)
    for name, states in (("files", files), ("clips", clips)):
        listed = Counter(row["state"] for row in rows_behind(client, f"/manage/lists/{name}"))
        if listed != Counter(states.values()):
            yield f"/manage/lists/{name} has {dict(listed)}, there are {dict(Counter(states.values()))}"
        for item, state in states.items():
            address = f"/manage/{name}/{item}"
            page = pages.get(address) or read(client, address)
            if page.states[:1] not in ((STATE_WORDS[state],), ("cut into clips",) * (state == "ingested")):
                yield f"{address} says {page.states[:1]}, it is {state}"


def _file_states(session: Session) -> dict[str, str]:
    """By id; a file is what its recording is."""
    rows = session.execute(
        select(Upload.id, Upload.state, Recording.state).outerjoin(
            Recording, Recording.upload_id == Upload.id
        )
    )
    kept = {RecordingState.ACCEPTED, RecordingState.SEGMENTED}
    return {
        upload: str(UploadState.INGESTED if recording in kept else recording or state)
        for upload, state, recording in rows
    }


def _clip_states(session: Session) -> dict[str, str]:
    rows = session.execute(select(Clip.id, Clip.state, Task.state).outerjoin(Task, Task.clip_id == Clip.id))
    return {clip: str(task or state) for clip, state, task in rows}


def _coordinator(session: Session, reader: Reader, pages: Mapping[str, ReadPage]) -> Iterator[str]:
    """Whom they may record, and what became of what they sent."""
    for speaker in session.scalars(select(Speaker).where(Speaker.registered_by == reader.person_id)):
        events = history(session, speaker.id)
        last = str(events[-1].kind) if events else ""
        says = {"granted": "Agreed", "withdrawn": "Took it back: don't record", "": "Ask first"}[last]
        here = pages["/speakers"].text.partition(speaker.pseudonym)[2]
        if not here.strip().startswith(says):
            yield f"/speakers says {here.strip()[:30]!r} of {speaker.pseudonym}, whose last word was {last!r}"
    sent = Counter(
        state
        for upload, state in _file_states(session).items()
        if session.get_one(Upload, upload).sent_by == reader.person_id
    )
    page = pages["/record/mine"]
    taken_back = page.text.count("Taken back by the speaker")
    received = page.states.count("Received")
    cut = sum(state.endswith((" clip", " clips")) for state in page.states)
    seen = {"withdrawn": taken_back, "received or taken in": received + cut}
    there = {"withdrawn": sent["withdrawn"], "received or taken in": sent["received"] + sent["ingested"]}
    if seen != there:
        yield f"/record/mine shows {seen}, there are {there}: {page.states}"


def _worker(session: Session, reader: Reader, pages: Mapping[str, ReadPage]) -> Iterator[str]:
    """What became of their texts and decisions, and what they earned."""
    page = pages["/my-work"]
    texts = Counter(
        STATE_WORDS[str(state)]
        for state in session.scalars(
            select(Task.state)
            .join(Submission, Submission.task_id == Task.id)
            .join(Slot, Slot.id == Submission.slot_id)
            .where(
                Submission.person_id == reader.person_id,
                Submission.kind != SubmissionKind.DRAFT,
                Slot.purpose != SlotPurpose.GOLD,
            )
        )
    )
    said = Counter(state.partition(" · ")[0] for state in page.states)
    if any(said[word] != count for word, count in texts.items()):
        yield f"/my-work says {dict(said)} of texts, there are {dict(texts)}"
    decided = Counter(
        STATE_WORDS[str(decision)]
        for decision in session.scalars(select(Review.decision).where(Review.reviewer_id == reader.person_id))
    )
    if any(page.text.count(word) != count for word, count in decided.items()):
        yield f"/my-work does not say {dict(decided)} of decisions"
    earned = session.execute(
        select(LedgerEntry.currency, func.sum(LedgerEntry.amount_millis))
        .where(LedgerEntry.person_id == reader.person_id)
        .group_by(LedgerEntry.currency)
    ).first()
    words = f"Earned{FORMATS.money(earned[1], earned[0])}" if earned else "Nothing was earned"
    if words not in page.text.replace("Earned ", "Earned"):
        yield f"/my-work does not say {words!r}"


def _datasets(session: Session, pages: Mapping[str, ReadPage]) -> Iterator[str]:
    """Each version, its clips and what was said of it."""
    for release in session.scalars(select(Release)):
        page = pages.get(f"/datasets/{release.name}")
        if page is None:
            yield f"/datasets does not lead to {release.name}, which has {release.version}"
            continue
        says = "should not be used" if release.mark == "yanked" else ""
        if (says or "published") not in page.states and not any("taken out" in each for each in page.states):
            yield f"{page.address} says {page.states} of {release.version}, marked {release.mark!r}"
