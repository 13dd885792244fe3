"""A scripted day of a project, and after each of its steps every page of every role says what the catalogue holds."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from boli.serve.portal_context import open_portal_context
from catalog import consent
from catalog.config.settings import ROOT, Settings
from catalog.states import ReviewDecision, Role
from catalog.tables import Speaker, Upload
from flows.sources import FolderSource
from flows.steps.align import align_batch, unaligned_clips
from flows.steps.ingest import ingest_batch, waiting_uploads
from flows.steps.publish import publish_release
from flows.steps.receive import receive_all
from flows.steps.segment import segment_batch, uncut_recordings
from flows.workspace import open_workspace
from portal.app import create_app
from portal.context import PortalContext
from releases.marks import mark
from releases.release_rows import note_mark
from tests.flows.conftest import Coordinator
from tests.portal.contradictions import Reader, contradictions
from tests.portal.people import Somebody, sign_in
from transcription import queue, review, submission
from transcription.routing import route_clips
from transcription.slots.lease import Lease

pytestmark = pytest.mark.slow

TEXT = "అమ్మ బడికి వెళ్ళింది"
OTHERS = ("ఈ రోజు మార్కెట్‌లో టమాటా ధర", "నిన్న బజారులో ఎవరూ లేరు", "పిల్లలు ఆడుకుంటున్నారు")
WRITERS = ("ravi", "lakshmi", "mohan")
SENT = (
    "te/te-01_001.mp3",
    "te/te-01_002.mp3",
    "te/te-01_003.mp3",
    "te/te-01 only wind.wav",
    "sw/sw-01_101.webm",
)


@dataclass
class Day:
    """One day in a project, step by step. staff: by handle"""

    portal: PortalContext
    settings: Settings
    village: Coordinator
    staff: dict[str, Somebody]
    held: dict[str, Lease] = field(default_factory=dict)
    dataset: str = ""
    version: str = ""

    def recordings_arrive(self) -> None:
        for speaker in ("te-01", "sw-01"):
            self.village.brings_consent(speaker)
        self.village.puts_examples(*SENT)
        with open_workspace("demo", self.settings) as workspace:
            receive_all(workspace, FolderSource(self.village.folder))
        with self.portal.catalog.writing() as session:
            asha = self.staff["asha"].person_id
            for upload in session.scalars(select(Upload)):
                upload.sent_by = asha
            for known in session.scalars(select(Speaker)):
                known.registered_by = asha

    def they_are_taken_in_and_the_wind_is_refused(self) -> None:
        with open_workspace("demo", self.settings) as workspace:
            for batch in waiting_uploads(workspace):
                ingest_batch(workspace, batch)

    def they_are_cut(self) -> None:
        with open_workspace("demo", self.settings) as workspace:
            for batch in uncut_recordings(workspace):
                segment_batch(workspace, batch)

    def clips_wait_for_writers(self) -> None:
        route_clips(self.portal.project_context("demo"), now=self.portal.clock())

    def two_hold_the_same_clip(self) -> None:
        for handle in WRITERS[:2]:
            self._claims(handle)

    def they_write_alike(self) -> None:
        for handle in WRITERS[:2]:
            self._writes(handle, TEXT)

    def three_write_another_clip_differently(self) -> None:
        for handle, text in zip(WRITERS, OTHERS, strict=True):
            self._claims(handle)
            self._writes(handle, text)

    def a_text_is_sent_back(self) -> None:
        self._decides(ReviewDecision.SEND_BACK, reasons=["missing_words"], note="రెండో మాట?")

    def its_writer_writes_it_again(self) -> None:
        context, now = self.portal.project_context("demo"), self.portal.clock()
        at_hand = [
            (handle, lease)
            for handle in WRITERS
            for lease in queue.claim_many(context, self.staff[handle].person_id, 2, now=now)
        ]
        ((author, lease),) = [(who, lease) for who, lease in at_hand if lease.returned]
        self.held[author] = lease
        self._writes(author, OTHERS[0])

    def another_text_is_accepted(self) -> None:
        for handle, text in zip(WRITERS, OTHERS, strict=True):
            self._claims(handle)
            self._writes(handle, text)
        self._decides(ReviewDecision.ACCEPT)

    def their_words_are_timed(self) -> None:
        with open_workspace("demo", self.settings) as workspace:
            for batch in unaligned_clips(workspace):
                align_batch(workspace, batch)

    def a_version_is_published(self) -> None:
        with open_workspace("demo", self.settings) as workspace:
            report = publish_release(workspace)
        assert report.outcome == "published" and report.version, report
        self.dataset, self.version = report.dataset, report.version

    def the_version_is_yanked(self) -> None:
        now = self.portal.clock()
        made = mark(
            self.portal.store,
            self.dataset,
            self.version,
            "yanked",
            why="mixed up",
            by="meera",
            at=now.isoformat(),
        )
        note_mark(self.portal.catalog, made, now=now)

    def a_speaker_takes_it_back(self) -> None:
        with self.portal.catalog.writing() as session:
            speaker = session.scalars(select(Speaker.id).where(Speaker.pseudonym == "sw-01")).one()
            consent.withdraw(session, speaker_id=speaker, recorded_by="receipt", at=self.portal.clock())

    def _claims(self, handle: str) -> None:
        context = self.portal.project_context("demo")
        lease = queue.claim(context, self.staff[handle].person_id, now=self.portal.clock())
        assert lease is not None
        self.held[handle] = lease

    def _writes(self, handle: str, text: str) -> None:
        hold = self.held.pop(handle).hold
        context, request = self.portal.project_context("demo"), f"{handle}-{hold.token}-{hold.slot_id}"
        submission.submit(context, hold, text, request_id=request, now=self.portal.clock(), active_seconds=30)

    def _decides(self, decision: ReviewDecision, *, reasons: Sequence[str] = (), note: str = "") -> None:
        context, now = self.portal.project_context("demo"), self.portal.clock()
        item = review.next_review(context, self.staff["sunita"].person_id, now=now)
        assert item is not None
        chosen = item.candidates[0].submission_id
        receipt = review.decide(
            context, item.hold, decision, submission_id=chosen, reasons=reasons, note=note, now=now
        )
        assert receipt.in_force


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    configs = tmp_path / "configs"
    shutil.copytree(ROOT / "configs", configs)
    project = configs / "projects" / "demo.yaml"
    # What is written here is not what is said there
    project.write_text(
        project.read_text("utf-8").replace("\nrelease:\n", "\nrelease:\n  low_score: publish\n"), "utf-8"
    )
    settings = Settings(home=tmp_path / "home", configs=configs, workers=1)
    village = Coordinator(tmp_path / "inbox")
    village.folder.mkdir()
    with open_portal_context(settings) as portal:
        staff = {handle: sign_in(portal, handle, [Role.TRANSCRIBER]) for handle in WRITERS}
        for handle, role in (
            ("asha", Role.COORDINATOR),
            ("sunita", Role.REVIEWER),
            ("meera", Role.MANAGER),
            ("leela", Role.ML_READER),
        ):
            staff[handle] = sign_in(portal, handle, [role])
        yield Day(portal, settings, village, staff)


@pytest.fixture
def readers(day: Day) -> Iterator[dict[Role, Reader]]:
    """One of each role, each in a browser of their own."""
    who = {
        Role.COORDINATOR: "asha",
        Role.TRANSCRIBER: "ravi",
        Role.REVIEWER: "sunita",
        Role.MANAGER: "meera",
        Role.ML_READER: "leela",
    }
    app = create_app(day.portal)
    with ExitStack() as stack:
        found: dict[Role, Reader] = {}
        for role, handle in who.items():
            client = TestClient(app, base_url=day.portal.address, follow_redirects=False)
            if not found:
                stack.enter_context(client)
            found[role] = Reader(role, day.staff[handle].person_id, day.staff[handle].browser(client))
        yield found


def test_no_screen_contradicts_the_catalogue_after_any_step_of_a_day(day, readers):
    steps: tuple[Callable[[], None], ...] = (
        lambda: None,
        day.recordings_arrive,
        day.they_are_taken_in_and_the_wind_is_refused,
        day.they_are_cut,
        day.clips_wait_for_writers,
        day.two_hold_the_same_clip,
        day.they_write_alike,
        day.three_write_another_clip_differently,
        day.a_text_is_sent_back,
        day.its_writer_writes_it_again,
        day.another_text_is_accepted,
        day.their_words_are_timed,
        day.a_version_is_published,
        day.the_version_is_yanked,
        day.a_speaker_takes_it_back,
    )
    wrong = []
    for step in steps:
        step()
        name = getattr(step, "__name__", "nothing yet").replace("_", " ")
        wrong += [f"{name}: {each}" for each in contradictions(day.portal, list(readers.values()))]

    assert not wrong, "\n".join(wrong)
