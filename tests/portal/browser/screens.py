"""Every screen of the portal: whose it is, how it is reached, and what is seen once it stands."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from sqlalchemy import select

from catalog.consent import history
from catalog.imports import note_import
from catalog.states import AlignmentState, ClipState, ImportKind, ReportKind, Role
from catalog.tables import Alignment, Clip, ConsentReceipt, Person, Recording, Speaker
from portal.access.invites import make_invite
from portal.access.secrets import hashed
from portal.context import PortalContext
from tests.portal.access.newcomer import PIN
from tests.portal.browser.filled import DATASET, RECORDINGS, VERSION
from tests.portal.browser.happened import happened
from tests.portal.browser.pressed import (
    adds_prompts,
    brings_districts,
    brings_drafts,
    brings_list,
    brings_speakers,
    moves_word,
    raises_share,
)
from tests.portal.people import Somebody, sign_in
from tests.portal.record.field import KEPT_AND_HEARD
from transcription.clip_reports.opening import open_report
from transcription.people import add_person, set_owner

NEWCOMER = "newcomer"
PEOPLE: Mapping[str, tuple[str, Role] | None] = {
    "coordinator": ("asha", Role.COORDINATOR),
    "transcriber": ("ravi", Role.TRANSCRIBER),
    "reviewer": ("sunita", Role.REVIEWER),
    "manager": ("meera", Role.MANAGER),
    "reader": ("leela", Role.ML_READER),
    "owner": ("usha", Role.MANAGER),
    NEWCOMER: None,
}
"""The demo's sample accounts, and an owner of the installation, by what their pictures are called."""

SENT = ("te-01_101.m4a", "te-01_104.3gp", "te-01 too close.wav")
CODE = "ABCD2345EFGH6789"
"""On the paper receipt of te-01."""
HEARD = """async ({wanted, milliseconds}) => {
  const result = (asked) => new Promise((give) => (asked.onsuccess = () => give(asked.result)));
  const phone = await result(indexedDB.open("boli-record"));
  const heard = async () =>
    (await result(phone.transaction("entries").objectStore("entries").getAll())).filter((entry) => entry.heard).length;
  const until = performance.now() + milliseconds;
  while (await heard() < wanted) {
    if (performance.now() > until) throw new Error("not every recording was heard in time");
    await new Promise((go) => setTimeout(go, 100));
  }
  await new Promise((go) => setTimeout(go, 300)); // and is drawn
  phone.close();
}"""
"""Until the server has said what it heard in so many recordings of this phone."""
PAPER = """(speaker) => {
  const form = document.getElementById("paper");
  form.action = `/speakers/${speaker}/receipt`;
  form.elements.token.value = JSON.parse(document.getElementById("page").textContent).token;
  form.elements.code.value = "ABCD-2345-EFGH-6789";
  form.submit();
}"""
"""What the page does once somebody has said yes."""
VERSION_PATH = f"/datasets/{DATASET}/{VERSION}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the paths of a full portal are made of. brought: an import; invite: makes somebody new, gives a link"""

    speaker: str
    clip: str
    upload: str
    report: str
    brought: str
    invite: Callable[[], str]


Way = Callable[[Page, Known], None]


@dataclass(frozen=True, slots=True)
class Screen:
    """who: of PEOPLE; name: of its picture; path: with {speaker} or {report} in it; then: what is pressed;
    ready: seen at last; asks_prefect: says 503 where there is none
    """

    who: str
    name: str
    path: str
    then: Way | None = None
    ready: str = "main"
    asks_prefect: bool = False


def _invited(page: Page, known: Known) -> None:
    page.goto(known.invite())


def _come_and_go(page: Page, known: Known) -> None:
    """Somebody comes in by their link and leaves again: from then on the device knows them."""
    page.goto(known.invite())
    for field in page.locator("input[type=password]").all():
        field.fill(PIN)
    page.locator("main button.next").click()
    page.wait_for_url(lambda url: "/invite/" not in url)
    page.wait_for_load_state("networkidle")  # what it still asks for would be refused once they are out
    page.locator(".me > summary").click()
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url("**/signed-out")


def _sign_in_again(page: Page, known: Known) -> None:
    _come_and_go(page, known)
    page.goto("/sign-in")


def _new_link(page: Page, known: Known) -> None:
    page.locator("form[action$='/invite'] button").click()


def _pressed(*buttons: str) -> Way:
    def press(page: Page, known: Known) -> None:
        for button in buttons:
            page.locator(button).click()

    return press


def _sends(page: Page, known: Known) -> None:
    """Three recordings from the phone's folder; seen once the verdict on each is there."""
    expect(page.locator("#nothing:visible, #takes li").first).to_be_visible()
    if page.locator("#takes li").count() == 0:
        page.locator("#begin").click()
        option = page.locator("#speaker option", has_text="te-01")
        page.locator("#speaker").select_option(value=option.get_attribute("value"))
        page.locator("#files").set_input_files([RECORDINGS / "te" / name for name in SENT])
        page.locator("#files-keep").click()
    page.evaluate(HEARD, {"wanted": len(SENT), "milliseconds": KEPT_AND_HEARD})


def _types_code(page: Page, known: Known) -> None:
    page.locator("#code").fill("ABCD-2345-EFGH-6789")
    page.locator("main button.next").click()


def _prints(page: Page, known: Known) -> None:
    page.evaluate(PAPER, known.speaker)
    page.wait_for_url("**/receipt")


def _hears_text(page: Page, known: Known) -> None:
    expect(page.locator("#work")).to_have_attribute("data-heard", "true", timeout=KEPT_AND_HEARD)


def _hears_texts(page: Page, known: Known) -> None:
    expect(page.locator("#accept")).to_have_attribute("aria-disabled", "false", timeout=KEPT_AND_HEARD)


def _hears_word(page: Page, known: Known) -> None:
    """A word, alone, over its spectrogram."""
    page.locator(".aligned [data-act=spectrum]").click()
    page.locator(".aligned .words button").first.click()
    expect(page.locator(".aligned canvas.spectrum")).to_be_visible()


WAVEFORM = "#wave > div"
SCREENS = (
    Screen(NEWCOMER, "start", "/"),
    Screen(NEWCOMER, "unknown-device", "/sign-in"),
    Screen(NEWCOMER, "invite", "/", _invited, "input[type=password]"),
    Screen(NEWCOMER, "signed-out", "/", _come_and_go),
    Screen(NEWCOMER, "sign-in", "/", _sign_in_again),
    Screen(NEWCOMER, "withdraw", "/withdraw"),
    Screen(NEWCOMER, "withdraw-asks", "/withdraw", _types_code, "button.risk"),
    Screen("coordinator", "record", "/record", _sends),
    Screen("coordinator", "whose-voice", "/record", _pressed("#begin"), "#begin-box"),
    Screen(
        "coordinator",
        "recorder",
        "/record",
        _pressed("#begin", "#open-recorder"),
        "#recorder button:not([hidden])",
    ),
    Screen("coordinator", "sent", "/record/mine", ready="#files"),
    Screen("coordinator", "speakers", "/speakers"),
    Screen("coordinator", "speaker-new", "/speakers/new"),
    Screen("coordinator", "speaker", "/speakers/{speaker}"),
    Screen("coordinator", "speaker-edit", "/speakers/{speaker}/edit"),
    Screen("coordinator", "consent", "/speakers/{speaker}/consent", ready="#notice p, #notice:not(:empty)"),
    Screen("coordinator", "receipt", "/speakers/{speaker}/consent", _prints, "article .code"),
    Screen("coordinator", "speaker-withdraw", "/speakers/{speaker}/withdraw"),
    Screen("coordinator", "me", "/me"),
    Screen("transcriber", "write", "/write", _hears_text, WAVEFORM),
    Screen("transcriber", "guideline", "/write", _pressed("#open-guide"), "#guide[open]"),
    Screen("transcriber", "settings", "/write", _pressed("#open-settings"), "#settings[open]"),
    Screen("transcriber", "skip", "/write", _pressed("#skip"), "#skip-dialog[open]"),
    Screen("transcriber", "without-network", "/write", _pressed("#open-bundle"), "#bundle[open]"),
    Screen("transcriber", "texts", "/write/texts"),
    Screen("transcriber", "work", "/my-work"),
    Screen("transcriber", "payslip", "/my-work/payslip"),
    Screen("reviewer", "my-work", "/my-work"),
    Screen("reviewer", "review", "/review", _hears_texts, WAVEFORM),
    Screen("reviewer", "send-back", "/review", _pressed("#return"), "#return-dialog[open]"),
    Screen("reviewer", "reports", "/review/reports"),
    Screen("reviewer", "report", "/review/reports/{report}", ready=WAVEFORM),
    Screen("transcriber", "practice", "/practice"),
    Screen("transcriber", "tour", "/tour"),
    Screen("transcriber", "help", "/help?of=/write"),
    Screen("transcriber", "help-page", "/help/transcriber"),
    Screen("transcriber", "news", "/news"),
    Screen("reviewer", "times", "/review/times"),
    Screen("reviewer", "times-of-clip", "/review/times/{clip}", moves_word, ".aligned.live"),
    Screen("manager", "overview", "/manage"),
    Screen("manager", "find", "/manage/find?q=te"),
    Screen("manager", "list-files", "/manage/lists/files"),
    Screen("manager", "list-clips", "/manage/lists/clips?order=longest", _pressed(".narrow > summary")),
    Screen("manager", "clip", "/manage/clips/{clip}", _hears_word, ".aligned.live"),
    Screen("manager", "file", "/manage/files/{upload}"),
    Screen("manager", "speaker", "/manage/speakers/{speaker}"),
    Screen("manager", "report-ask", "/manage/report"),
    Screen("manager", "report", "/manage/report/page"),
    Screen("manager", "books", "/manage/books"),
    Screen("manager", "coverage", "/manage/coverage"),
    Screen("manager", "drafts", "/manage/drafts"),
    Screen("manager", "drafts-list", "/manage/drafts-list", brings_drafts, "#preview"),
    Screen("manager", "imports", "/manage/imports"),
    Screen("manager", "import", "/manage/imports/{brought}"),
    Screen("manager", "people", "/manage/people"),
    Screen("manager", "person", "/manage/people/ravi"),
    Screen("manager", "people-list", "/manage/people-list", brings_list, "#preview"),
    Screen("manager", "speakers-list", "/manage/speakers-list", brings_speakers, "#preview"),
    Screen("manager", "places", "/manage/places", brings_districts, "#preview"),
    Screen("manager", "access", "/people/ravi/access"),
    Screen("manager", "new-link", "/people/ravi/access", _new_link, "#link"),
    Screen("manager", "ledger", "/manage/ledger"),
    Screen("manager", "gold", "/manage/gold"),
    Screen("manager", "guidelines", "/manage/guidelines"),
    Screen("manager", "notices", "/manage/notices"),
    Screen("manager", "prompts", "/manage/prompts", adds_prompts, "#preview"),
    Screen("manager", "settings", "/manage/settings?done=made"),
    Screen("manager", "settings-general", "/manage/settings/general"),
    Screen("manager", "settings-consent", "/manage/settings/consent"),
    Screen("manager", "settings-danger", "/manage/settings/review", raises_share, ".note.warn"),
    Screen("manager", "settings-versions", "/manage/settings/versions"),
    Screen("manager", "settings-version", "/manage/settings/versions/1"),
    Screen("manager", "withdrawals", "/manage/withdrawals"),
    Screen("manager", "holds", "/manage/holds"),
    Screen("manager", "speakers", "/manage/speakers"),
    Screen("manager", "breaches", "/breaches"),
    Screen("manager", "log", "/manage/audit"),
    Screen("manager", "choose", "/datasets/choose"),
    Screen("reader", "datasets", "/datasets"),
    Screen("reader", "dataset", f"/datasets/{DATASET}"),
    Screen("reader", "version", VERSION_PATH),
    Screen("reader", "changes", f"{VERSION_PATH}/changes"),
    Screen("reader", "samples", f"{VERSION_PATH}/samples"),
    Screen("reader", "runs", "/datasets/runs", asks_prefect=True),
    Screen("reader", "api", "/api"),
    Screen("reader", "tokens", "/me/tokens"),
    Screen("owner", "managers", "/owner"),
    Screen("owner", "project-new", "/owner/projects/new"),
    Screen("owner", "reset-told", "/me/resets"),
)

WITHOUT_SCREEN = {
    "/health",
    "/metrics",  # for programs
    "/manifest.webmanifest",
    "/sw.js",
    "/listen/{clip_id}/{kind}",
    "/speakers/{speaker_id}/consent/{number}.jsonld",  # a record for programs
    "/people/{handle}/invite",  # leads to /people/{handle}/access
    "/record/session",
    "/record/heard",
    "/record/files",
    "/speakers/pseudonym",
    "/speakers/notice/{language}.ogg",
    "/speakers/notice/{language}/{number}.ogg",
    "/speakers/consent",  # the same as a speaker's own, for somebody whom only the phone knows
    "/write/today",
    "/write/{slot}/links",
    "/write/{slot}/around",
    "/manage/ledger.csv",
    "/manage/lists/{name}/csv",
    "/datasets/{name}/{version}/files/{path:path}",
    "/datasets/{name}/{version}/pictures/{picture}",
    "/datasets/{name}/{version}/signed/{path:path}",
}
"""What is asked for by scripts and programs, not looked at."""


def known_in(portal: PortalContext) -> Known:
    """The ids of that portal, in which te-01 now has a paper receipt, and a clip of theirs is reported."""
    with portal.catalog.writing() as session:
        speaker = session.scalars(select(Speaker.id).where(Speaker.pseudonym == "te-01")).one()
        event = history(session, speaker)[0].id
        clip, upload = (
            session.execute(
                select(Clip.id, Recording.upload_id)
                .join(Recording, Recording.id == Clip.recording_id)
                .join(Alignment, Alignment.clip_id == Clip.id)
                .where(Alignment.state == AlignmentState.LOW_SCORE)
                .order_by(Clip.seconds.desc(), Clip.id)
            )
            .tuples()
            .first()
        ) or ("", "")
        reported = session.scalars(
            select(Clip.id)
            .where(Clip.state == ClipState.ACCEPTED, Clip.language == "te", Clip.id != clip)
            .order_by(Clip.id)
            .limit(1)
        ).one()
        kind, now = ReportKind.PERSONAL, portal.clock()
        report = open_report(session, reported, kind, by="scan", now=now).id
        session.add(
            ConsentReceipt(
                code_sha256=hashed(CODE), speaker_id=speaker, consent_event_id=event, made_at=portal.clock()
            )
        )
        happened(session, event, now=portal.clock())
        meera = session.scalars(select(Person.id).where(Person.handle == "meera")).one()
        brought = note_import(session, "demo", ImportKind.SPEAKERS, [speaker], by=meera, now=now)
    names = (
        name + turn for turn in ("", "-2", "-3") for name in ("gita", "kavita", "lata", "manju", "radha")
    )

    def invite() -> str:
        with portal.catalog.writing() as session:
            somebody = add_person(
                session,
                next(names),
                project="demo",
                roles=[Role.TRANSCRIBER],
                languages=["te"],
                by="tests",
                now=portal.clock(),
            )
            code = make_invite(session, somebody.id, made_by="operator", now=portal.clock(), reset=False)
        return f"/invite/{code}"

    return Known(speaker, clip, upload, report, brought, invite)


def somebody_of(portal: PortalContext, who: str) -> Somebody | None:
    """A new session of that account; nobody's, where a newcomer looks."""
    account = PEOPLE[who]
    if account is None:
        return None
    handle, role = account
    if who == "owner":
        return _owner(portal, handle, role)
    with portal.catalog.reading() as session:
        person_id = session.scalars(select(Person.id).where(Person.handle == handle)).one()
    return sign_in(portal, handle, [role], person_id=person_id)


def _owner(portal: PortalContext, handle: str, role: Role) -> Somebody:
    """Somebody who owns the installation, and for whom the manager made a link to reset their PIN."""
    owner = sign_in(portal, handle, [role])
    with portal.catalog.writing() as session:
        set_owner(session, owner.person_id, owner=True, by="tests", now=portal.clock())
        manager = session.scalars(select(Person.id).where(Person.handle == "meera")).one()
        make_invite(session, owner.person_id, made_by=manager, now=portal.clock(), reset=True)
    return owner


def show(page: Page, screen: Screen, known: Known) -> None:
    """Go there, and wait until it stands."""
    page.goto(screen.path.format_map(asdict(known)))
    if screen.then is not None:
        screen.then(page, known)
    expect(page.locator(screen.ready).first).to_be_visible()


def is_shown(route: str) -> bool:
    """Whether one of the screens is behind that route's path, such as /speakers/{speaker_id}/edit."""
    parts = route.split("/")

    def fits(path: str) -> bool:
        given = urlsplit(path).path.split("/")
        return len(given) == len(parts) and all(
            "{" in part or part == other for part, other in zip(parts, given, strict=True)
        )

    return any(fits(path) for path in (*(screen.path for screen in SCREENS), "/invite/code", "/signed-out"))
