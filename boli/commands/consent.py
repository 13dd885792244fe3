"""`boli consent record | show | withdraw`: what a speaker agreed to, and taking it back."""

import hashlib
import sys
from collections.abc import Collection
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from boli.commands import consent_export, consent_holders, consent_holds
from boli.commands.one_speaker import By, Json, Project, Pseudonym, speaker_named
from boli.errors import UserError
from boli.output import print_json, print_table, say, step_bars
from catalog.age import (
    PROOFS,
    RELATIONS,
    Guardian,
    Proof,
    Relation,
    check_may_say_yes,
    note_guardian,
)
from catalog.config.settings import load_settings
from catalog.consent import ConsentScope, Purpose, Withdrawal, grant, history, reached
from catalog.consent import withdraw as withdraw_consent
from catalog.keys import EXTENSION, consent_key
from catalog.notices import check_signed, notice_statuses
from catalog.store import ObjectStore

if TYPE_CHECKING:
    from flows.steps.erase import ErasedReport

consent = typer.Typer(help="What speakers agreed to, and taking it back.", no_args_is_help=True)

MOST_EVIDENCE = 50 << 20

NoticeLanguage = Annotated[
    str | None,
    typer.Option("--language", help="In which the notice was read. By default the speaker's own."),
]
NoticeVersion = Annotated[
    str | None, typer.Option("--notice", help="Its version. By default the project's present one.")
]


def register(app: typer.Typer) -> None:
    consent_holders.register(consent)
    consent_holds.add_to(consent)
    consent_export.add_to(consent)
    app.add_typer(consent, name="consent")


@consent.command()
def record(
    speaker: Pseudonym,
    evidence: Annotated[
        Path, typer.Argument(help="A photograph or scan of the signed paper, or the spoken yes.")
    ],
    scope: Annotated[
        list[ConsentScope] | None,
        typer.Option("--scope", help="What was agreed to; several. By default all that the project asks."),
    ] = None,
    purpose: Annotated[
        list[Purpose] | None,
        typer.Option(
            "--purpose",
            help="What published speech may be used for; several. By default what the notice names, but voice cloning.",
        ),
    ] = None,
    language: NoticeLanguage = None,
    notice: NoticeVersion = None,
    guardian: Annotated[
        str | None, typer.Option(help="Of a speaker under 18: the name of who says yes in their place.")
    ] = None,
    relation: Annotated[
        str | None, typer.Option(help=f"What they are to the speaker: {', '.join(RELATIONS)}.")
    ] = None,
    verified: Annotated[str | None, typer.Option(help=f"How that was seen: {', '.join(PROOFS)}.")] = None,
    project: Project = "demo",
    by: By = "operator",
    json: Json = False,
) -> None:
    """Record a yes that was given on paper or aloud, with its evidence, which is kept in the store.

    From then on the speaker's clips are given out: `boli run` makes their tasks. The same again changes nothing.

    [bold]Example[/]

      boli consent record te-01 te-01-signed.jpg --project field --by asha
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace:
        rules = workspace.project.consent
        agreed = scope or list(rules.scopes)
        with workspace.catalog.reading() as session:
            known = speaker_named(session, project, speaker)
        spoken = _notice_language(rules.notices, language or known.language)
        with workspace.catalog.reading() as session:
            check_signed(session, workspace.project, spoken)
        by_guardian = (
            Guardian(guardian, cast("Relation", relation), cast("Proof", verified)) if guardian else None
        )
        check_may_say_yes(known, by_guardian, minors_allowed=rules.minors, today=workspace.now().date())
        sha256, key = _kept(workspace.store, evidence)
        with workspace.catalog.writing() as session:
            event = grant(
                session,
                speaker_id=known.id,
                scopes=agreed,
                purposes=purpose or rules.purposes_of(agreed, notice_version=notice or rules.version),
                notice_version=notice or rules.version,
                notice_language=spoken,
                evidence=key,
                evidence_sha256=sha256,
                recorded_by=by,
                at=workspace.now(),
            )
            scopes = ", ".join(event.scopes)
            if by_guardian:
                note_guardian(session, known.id, by_guardian)
    if json:
        print_json({"speaker": speaker, "scopes": scopes.split(", "), "evidence": key, "sha256": sha256})
        return
    say(f"✓ {speaker} agrees to {scopes} (notice {notice or rules.version} in {spoken}); evidence: {key}")


def _notice_language(notices: Collection[str], language: str | None) -> str:
    """The language in which the notice was read: one of those that the project has a notice in."""
    if language is None or language not in notices:
        raise UserError(
            f"the notice of this project is read in {', '.join(sorted(notices))}, given {language or 'none'}.\n"
            "Name the language in which the speaker heard it with --language."
        )
    return language


def _kept(store: ObjectStore, evidence: Path) -> tuple[str, str]:
    """The evidence's digest, and where it now lies in the store."""
    if not evidence.is_file():
        raise UserError(f"{evidence}: there is no such file.")
    size = evidence.stat().st_size
    if not 0 < size <= MOST_EVIDENCE:
        raise UserError(
            f"the evidence of a consent holds 1 byte to {MOST_EVIDENCE >> 20} MB, {evidence} holds {size} bytes.\n"
            "Scan the paper as a JPEG or PDF."
        )
    ending = evidence.suffix.lower().removeprefix(".")
    if not EXTENSION.fullmatch(ending):
        raise UserError(f"{evidence} has no usual ending.\nName it as what it is: .jpg, .pdf, .m4a …")
    with evidence.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    key = consent_key(sha256, ending)
    store.put_file(key, evidence, sha256=sha256)
    return sha256, key


@consent.command()
def notices(project: Project = "demo", json: Json = False) -> None:
    """The consent notices of a project, and who signed for each.

    [bold]Example[/]

      boli consent notices --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        found = notice_statuses(session, workspace.project)
    if json:
        print_json({"project": project, "notices": found})
        return
    rows = [
        (each.language, each.state.value, each.signed_by or "", f"{each.at:%Y-%m-%d}" if each.at else "")
        for each in found
    ]
    print_table(f"Notices of {project}", ("language", "state", "signed by", "at"), rows)
    if any(not each.state.may_be_used for each in found):
        say(
            "▲ Nobody is recorded under an unsigned one: `boli consent sign-notice LANGUAGE --signed-by NAME`."
        )


@consent.command(name="sign-notice")
def sign_notice(
    language: Annotated[str, typer.Argument(help="Code of the language, such as te.")],
    signed_by: Annotated[str, typer.Option("--signed-by", help="The native speaker who read it.")],
    project: Project = "demo",
    by: By = "operator",
) -> None:
    """Write down that a native speaker read a consent notice, word for word, and that it says what it should.

    A text that is changed later must be read and signed again.

    [bold]Example[/]

      boli consent sign-notice te --project field --signed-by 'Lakshmi Devi' --by asha
    """
    from catalog.notices import sign_notice as sign
    from flows.steps.listed_consents import have_project
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        have_project(session, workspace)
        session.flush()
        status = sign(
            session, workspace.project, language, signed_by=signed_by, recorded_by=by, at=workspace.now()
        )
    say(f"✓ {language} of {project} is signed by {status.signed_by}: speakers may be asked by it.")


@consent.command()
def show(speaker: Pseudonym, project: Project = "demo", json: Json = False) -> None:
    """Every act of consent of one speaker, oldest first.

    [bold]Example[/]

      boli consent show te-01 --project demo
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        known = speaker_named(session, project, speaker)
        events = [
            (f"{event.at:%Y-%m-%d %H:%M}", event.kind.value, ", ".join(event.scopes),
             f"{event.notice_language} {event.notice_version}", event.evidence, event.recorded_by)
            for event in history(session, known.id)
        ]  # fmt: skip
    columns = ("at", "what", "scopes", "notice", "evidence", "recorded by")
    if json:
        acts = [dict(zip(columns, event, strict=True)) for event in events]
        print_json({"speaker": speaker, "events": acts, "held": known.guardian_yes_due})
        return
    held = ", held until a guardian says yes" if known.guardian_yes_due else ""
    print_table(f"Consent of {speaker}{held}", columns, events)
    if not events:
        say("▲ None: nothing of this voice is used.")


@consent.command(name="json-ld")
def json_ld(
    speaker: Pseudonym,
    project: Project = "demo",
    receipt: Annotated[
        bool, typer.Option("--receipt", help="The receipt: the copy that the speaker is given.")
    ] = False,
    event: Annotated[
        int | None, typer.Option("--event", min=1, help="Of which act, as `show` lists them; else the last.")
    ] = None,
) -> None:
    """A consent as other programs read it: an ISO/IEC TS 27560 record or receipt, in JSON-LD.

    In the words of W3C's Data Privacy Vocabulary and its part for India. It holds no name and no phone.

    [bold]Example[/]

      boli consent json-ld te-01 --project demo --receipt
    """
    from catalog.consent_record import as_text, consent_receipt, consent_record
    from flows.workspace import open_workspace

    settings = load_settings()
    with open_workspace(project, settings) as workspace, workspace.catalog.reading() as session:
        known = speaker_named(session, project, speaker)
        events = history(session, known.id)
        number = event or len(events)
        if not 1 <= number <= len(events):
            raise UserError(
                f"{speaker} has {len(events)} acts of consent, given {number}. `boli consent show` lists them."
            )
        made = consent_record(known, events, number, controller=workspace.project.title)
        if receipt:
            made = consent_receipt(made, at=workspace.now(), withdraw_at=f"{settings.portal_url}/withdraw")
    sys.stdout.write(as_text(made))


@consent.command()
def withdraw(
    speaker: Pseudonym,
    project: Project = "demo",
    by: By = "operator",
    json: Json = False,
) -> None:
    """Take a speaker's consent back: work stops at once, and published versions lose the voice.

    Every version that holds it is rewritten without it, the old files are erased, and withdrawn.jsonl tells
    those who fetched them. Whoever downloaded a version through the portal is listed, and gets a message.
    Stopped half-way, the same command goes on.

    [bold]Example[/]

      boli consent withdraw te-01 --project demo --by asha
    """
    from flows.steps.erase import erase_withdrawn
    from flows.steps.tell_downloaders import tell_downloaders
    from flows.workspace import open_workspace
    from releases.downloads import downloaders_of

    with open_workspace(project, load_settings()) as workspace:
        with workspace.catalog.writing() as session:
            known = speaker_named(session, project, speaker)
            withdraw_consent(session, speaker_id=known.id, recorded_by=by, at=workspace.now())
        with workspace.catalog.reading() as session:
            reach = reached(session, known.id)
        with step_bars(quiet=json) as bars:
            report = erase_withdrawn(
                workspace,
                actor=by,
                progress=lambda done, total, label: bars.tell("erase", done, total, label),
            )
        messages = tell_downloaders(workspace)
        with workspace.catalog.reading() as session:
            held_by = downloaders_of(session, known.id)
    sound, erased = report.sound, report.versions
    if json:
        print_json(
            {"reached": reach, "sound": sound, "erased": erased, "holders": held_by, "messages": messages}
        )
        return
    _say_withdrawn(speaker, reach, report)
    if held_by:
        consent_holders.show_holders(speaker, held_by)
        say(f"{messages.made} messages made, {messages.sent} sent; `boli consent messages` shows them.")


def _say_withdrawn(speaker: str, reach: Withdrawal, report: "ErasedReport") -> None:
    say(
        f"{speaker}: {reach.recordings} recordings, {reach.clips} clips and {reach.tasks} tasks "
        f"stopped; {report.sound.objects} objects of sound destroyed."
    )
    for each in report.versions:
        for version, rows in each.rows:
            say(f"{each.dataset} {version}: {rows} clips erased.")
    for label in reach.releases:
        say(f"▲ Whoever fetched {label} learns it from datasets/{label.split('@')[0]}/withdrawn.jsonl.")


@consent.command()
def proof(
    speaker: Pseudonym,
    project: Project = "demo",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; else it is printed.")] = None,
) -> None:
    """The proof of what was destroyed after a withdrawal, where and when, what remains and why; signed, as JSON.

    Anybody can check it with `boli consent check`, without this installation. Exit 1 while something is left.

    [bold]Example[/]

      boli consent proof te-01 --project demo --out te-01-erased.json
    """
    from catalog.erasure.proof import write_proof
    from flows.installation_key import installation_key
    from flows.workspace import open_workspace

    settings = load_settings()
    with open_workspace(project, settings) as workspace:
        with workspace.catalog.reading() as session:
            known = speaker_named(session, project, speaker)
        if known.consent_round == 0:
            raise UserError(f"{speaker} took no consent back, so nothing was erased.")
        with out.open("w", encoding="utf-8") if out else nullcontext(sys.stdout) as target:
            statement = write_proof(
                workspace.catalog,
                known.id,
                target,
                key=installation_key(settings.home.resolve()),
                at=workspace.now(),
            )
    if out:
        say(
            f"{out}: {statement.objects} objects, {statement.bytes} bytes; {len(statement.remains)} remain, with why."
        )
    if not statement.complete:
        raise typer.Exit(1)


@consent.command()
def check(
    file: Annotated[Path, typer.Argument(help="A proof as `boli consent proof` made it.")],
    public_key: Annotated[
        str | None, typer.Option("--key", help="The public key that the installation is known by.")
    ] = None,
) -> None:
    """Whether a proof of erasure is what the installation signed.

    [bold]Example[/]

      boli consent check te-01-erased.json
    """
    from catalog.erasure.proof import read_proof

    proof = read_proof(file, public=public_key)
    stated = proof.statement
    say(
        f"✓ signed by {proof.signed_by}: {stated['speaker']} of {stated['project']}, "
        f"{stated['objects']} objects destroyed, {'complete' if stated['complete'] else 'not complete'}."
    )
