"""`boli people …` and `boli ledger export`: staff, decisions about them, and what they are owed."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Protocol

import typer
from sqlalchemy.orm import Session

from boli.errors import UserError
from boli.output import console, print_json, print_table, say
from catalog.config.settings import load_settings
from catalog.states import Role
from catalog.tables import Person
from transcription import pay as accounts
from transcription import quiz
from transcription.context import NotAllowed, ProjectContext
from transcription.decisions import trust
from transcription.people import (
    StaffMember,
    add_person,
    find_person,
    list_people,
    projects_open_to,
    set_contact,
    set_owner,
    set_roles,
)


class _Decision(Protocol):
    """A manager's decision about a person's work in a language."""

    def __call__(
        self,
        context: ProjectContext,
        person_id: str,
        language: str,
        *,
        manager_id: str,
        because: str,
        now: datetime,
    ) -> None: ...


people = typer.Typer(help="Staff: coordinators, transcribers, reviewers, managers.", no_args_is_help=True)
ledger = typer.Typer(help="What people are owed for accepted work.", no_args_is_help=True)

Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]


def register(app: typer.Typer) -> None:
    app.add_typer(people, name="people")
    app.add_typer(ledger, name="ledger")


@people.command()
def add(
    handle: Annotated[str, typer.Argument(help="A short name that colleagues see, such as asha.")],
    role: Annotated[list[Role], typer.Option("--role", help="May be given several times.")],
    language: Annotated[list[str], typer.Option("--language", help="Code of a language they know; several.")],
    project: Project = "demo",
    district: Annotated[str | None, typer.Option(help="Where they live.")] = None,
    dialect: Annotated[str | None, typer.Option(help="The dialect they know best.")] = None,
) -> None:
    """Take somebody on in a project. `roles` gives somebody who is there already a task in another project.

    [bold]Example[/]

      boli people add asha --role transcriber --language te --district Warangal
    """
    from boli.errors import UserError
    from flows.steps.listed_consents import have_project
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace:
        unknown = sorted(set(language) - set(workspace.languages))
        if unknown:
            known = ", ".join(sorted(workspace.languages))
            raise UserError(f"project {project} doesn't collect {', '.join(unknown)}; it collects: {known}.")
        with workspace.catalog.writing() as session:
            have_project(session, workspace)
            member = add_person(
                session,
                handle,
                project=project,
                roles=role,
                languages=language,
                district=district,
                dialect=dialect,
                by="operator",
                now=workspace.now(),
            )
    say(f"✓ {member.handle}: {', '.join(sorted(member.roles))} for {', '.join(member.languages)}")


@people.command(name="list")
def list_staff(
    project: Project = "demo",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Everybody who does something in a project, by handle.

    [bold]Example[/]

      boli people list --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        staff = list_people(session, project)
    if json:
        for member in staff:
            print_json(
                {"handle": member.handle, "roles": sorted(member.roles), "languages": list(member.languages)}
            )
        return
    rows = [(each.handle, ", ".join(sorted(each.roles)), ", ".join(each.languages)) for each in staff]
    print_table("Staff", ("handle", "roles", "languages"), rows)
    if not rows:
        say("Nobody yet. `boli people add` takes somebody on.")


@people.command()
def roles(
    handle: Annotated[str, typer.Argument(help="Somebody who was taken on, in whatever project.")],
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="May be given several times; none closes the project.")
    ] = None,
    project: Project = "demo",
) -> None:
    """Say what somebody does in a project from now on: these roles and no others.

    [bold]Example[/]

      boli people roles asha --project field --role coordinator --role transcriber
    """
    from flows.steps.listed_consents import have_project
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.writing() as session:
        have_project(session, workspace)
        person = _person(session, handle)
        set_roles(session, person.id, project, role or (), by="operator", now=workspace.now())
    say(f"✓ {handle} in {project}: {', '.join(sorted(role or ())) or 'nothing any more'}")


@people.command()
def contact(
    handle: Annotated[str, typer.Argument(help="Somebody who was taken on, in whatever project.")],
    email: Annotated[str, typer.Argument(help="Their e-mail address; '' for none.")],
    language: Annotated[
        str | None, typer.Option("--language", help="In which they are written to, such as hi.")
    ] = None,
) -> None:
    """Say where somebody is written to when rows of a dataset that they downloaded are withdrawn.

    [bold]Example[/]

      boli people contact leela leela@example.org --language hi
    """
    from boli.serve.portal_context import open_portal_context
    from portal.i18n.translation import LANGUAGES

    if language is not None and language not in LANGUAGES:
        raise UserError(f"messages are written in {', '.join(LANGUAGES)}, given {language!r}.")
    with open_portal_context(load_settings()) as context, context.catalog.writing() as session:
        person = _person(session, handle)
        set_contact(session, person.id, email=email, language=language, by="operator", now=context.clock())
    say(f"✓ messages to {handle} {'go there' if email.strip() else 'wait in the portal'}")


@people.command()
def owner(
    handle: Annotated[str, typer.Argument(help="Somebody who was taken on, in whatever project.")],
    end: Annotated[bool, typer.Option("--end", help="They are an owner no longer.")] = False,
) -> None:
    """Make somebody an owner of this installation: they give every project its managers, and see none by that.

    [bold]Example[/]

      boli people owner meera
    """
    from boli.serve.portal_context import open_portal_context

    with open_portal_context(load_settings()) as context, context.catalog.writing() as session:
        person = _person(session, handle)
        set_owner(session, person.id, owner=not end, by="operator", now=context.clock())
    say(f"✓ {handle} is {'no owner any more' if end else 'an owner: /owner in the portal is theirs'}")


@people.command()
def invite(
    handle: Annotated[str, typer.Argument(help="Whom to invite: a handle of `boli people list`.")],
    project: Annotated[
        str | None, typer.Option("--project", "-P", help="Only if they do something in this project.")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long the link works.", min=0.2, max=168)] = 24,
    reset: Annotated[
        bool, typer.Option("--reset", help="They set a new PIN: the old one is forgotten.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """A link, and a QR code of it, that lets somebody in on their phone or computer, once.

    [bold]Example[/]

      boli people invite asha
    """
    import segno

    from boli.serve.portal_context import open_portal_context
    from portal.access.invites import link_of, make_invite

    with open_portal_context(load_settings()) as portal_context:
        now = portal_context.clock()
        with portal_context.catalog.writing() as session:
            person = _person(session, handle) if project is None else _member(session, handle, project)
            lasts = timedelta(hours=hours)
            code = make_invite(session, person.id, made_by="operator", now=now, lasts=lasts, reset=reset)
        link = link_of(portal_context.address, code)
    expires = (now + lasts).astimezone()
    if json:
        print_json({"handle": handle, "link": link, "expires": expires.isoformat(timespec="seconds")})
        return
    if console.is_terminal:
        segno.make(link, error="l").terminal(compact=True)
    say(f"✓ {handle} opens this link on their own device, once, before {expires:%d %B %Y, %H:%M %Z}:")
    typer.echo(link)


@people.command()
def erase(
    handle: Annotated[str, typer.Argument(help="Who left: a handle of `boli people list`.")],
    by: Annotated[str, typer.Option("--by", help="Who records it, for the log.")] = "operator",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: it can't be undone.")] = False,
) -> None:
    """Let somebody go and forget who they were: name, phone, handle and every way in.

    They are signed out everywhere at once. Their texts and what they are owed stay, under a pseudonym.

    [bold]Example[/]

      boli people erase asha --by meera
    """
    from boli.serve.portal_context import open_portal_context
    from transcription.staff_erasure import erase_person

    if not yes:
        typer.confirm(f"Erase {handle} for good?", abort=True)
    with open_portal_context(load_settings()) as context, context.catalog.writing() as session:
        person = _person(session, handle)
        pseudonym = erase_person(session, person.id, by=by, now=context.clock())
    say(f"✓ erased. Their work and pay stand under {pseudonym}.")


@people.command()
def token(
    handle: Annotated[str, typer.Argument(help="A dataset reader or manager of `boli people list`.")],
    name: Annotated[str, typer.Option(help="What will use it.")] = "made by the operator",
    days: Annotated[int, typer.Option(help="How long it holds: 30, 90 or 365.")] = 90,
) -> None:
    """A token with which a program reads what that person may read; shown once.

    [bold]Example[/]

      boli people token ravi --name "training cluster"
    """
    from boli.serve.portal_context import open_portal_context
    from portal.access.api_tokens import OWNERS, make_token

    with open_portal_context(load_settings()) as portal_context, portal_context.catalog.writing() as session:
        person = _person(session, handle)
        if not projects_open_to(session, person.id, OWNERS):
            raise NotAllowed(
                f"a token is for a {' or '.join(sorted(OWNERS))} of some project; {handle} is none.\n"
                f"`boli people roles {handle} --role ml_reader --project …` gives the role."
            )
        secret = make_token(
            session, person.id, name=name, days=days, now=portal_context.clock(), by="operator"
        )
    typer.echo(secret)
    say(f"✓ for {handle}, {days} days. It is shown only now: keep it where the program reads its secrets.")


Decider = Annotated[str, typer.Option("--by", help="Handle of the manager who decides.")]
Because = Annotated[str, typer.Option("--because", help="Why, in words: it stands on record.")]
Code = Annotated[str, typer.Argument(help="The language's code, such as te.")]


@people.command(name="let-off")
def let_off(
    handle: Annotated[str, typer.Argument(help="Who may work without the quiz.")],
    language: Code,
    by: Decider,
    because: Because,
    project: Project = "demo",
) -> None:
    """Let somebody work in a language without the quiz of gold clips that the project asks for.

    [bold]Example[/]

      boli people let-off asha te --by ravi --because "wrote for us last year"
    """
    _decide(quiz.let_off, handle, language, by, because, project)
    say(f"✓ {handle} needs no quiz in {language}: {because}")


@people.command()
def reinstate(
    handle: Annotated[str, typer.Argument(help="Who was held back.")],
    language: Code,
    by: Decider,
    because: Because,
    project: Project = "demo",
) -> None:
    """Let somebody who was held back from a language work again; only further bad texts count from then on.

    [bold]Example[/]

      boli people reinstate asha te --by ravi --because "the gold clips were wrong"
    """
    _decide(trust.reinstate, handle, language, by, because, project)
    say(f"✓ {handle} gets clips in {language} again: {because}")


@ledger.command()
def export(
    out: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    project: Project = "demo",
) -> None:
    """What each person is owed for which accepted work, as a spreadsheet; no cell can be taken for a formula.

    [bold]Example[/]

      boli ledger export october.csv --project field
    """
    from flows.workspace import open_workspace

    with open_workspace(project, load_settings()) as workspace, workspace.catalog.reading() as session:
        lines = accounts.entries(session, workspace.project.name)
    out.write_text(accounts.as_csv(lines), "utf-8-sig", newline="")
    say(f"✓ {len(lines)} entries in {out}")


def _decide(decision: _Decision, handle: str, language: str, by: str, because: str, project: str) -> None:
    from flows.steps.project_context import open_project_context
    from flows.workspace import open_workspace

    if not because.strip():
        raise NotAllowed('a decision about a person says why.\nWrite --because "…".')
    with open_workspace(project, load_settings()) as workspace:
        with workspace.catalog.reading() as session:
            member, manager = _member(session, handle, project), _member(session, by, project)
        context = open_project_context(workspace)
        context.guideline_of(language)
        decision(
            context, member.id, language, manager_id=manager.id, because=because.strip(), now=workspace.now()
        )


def _person(session: Session, handle: str) -> Person:
    person = find_person(session, handle)
    if person is None:
        raise NotAllowed(f"nobody has the handle '{handle}'.\nSee `boli people list`.")
    return person


def _member(session: Session, handle: str, project: str) -> StaffMember:
    for member in list_people(session, project):
        if member.handle == handle:
            return member
    raise NotAllowed(f"nobody in {project} has the handle '{handle}'.\nSee `boli people list -P {project}`.")
