"""Saving a project's settings: checked by the file's own loader, kept as a version, on record, in its file at once."""

import hashlib
import tempfile
from collections.abc import Collection
from functools import partial
from pathlib import Path

from fastapi import HTTPException

from catalog.config.changes import Change, changes_between
from catalog.config.configuration import Broken, ConfigurationError
from catalog.config.project import Project
from catalog.config.project_files import (
    ChangedMeanwhile,
    ProjectExists,
    ProjectFile,
    read_project_file,
    write_project_file,
)
from catalog.config.sentence import Sentence
from catalog.config.yaml_document import Unfit, read_document
from catalog.project_versions import note_by_hand, note_change
from catalog.receiving import register_project
from catalog.states import Role
from catalog.tables import ProjectRow
from portal.context import PortalContext
from portal.http.pages import _
from portal.project_rules import ProjectRules, read_rules
from transcription.people import roles_in, set_roles

BROKEN_BY_HAND = _(
    "This project's file was changed on the server and can't be read now. What it said before holds on; whoever runs "
    "the server mends it."
)


def make_project(
    context: PortalContext, name: str, title: str, text: str, *, by: str, roles: Collection[Role]
) -> None:
    """Begin a project that nobody has yet.

    by:    the person who makes it; roles: what they do in it
    Raises ProjectExists, ConfigurationError (of the file that would be); then nothing was made.
    """
    now = context.clock()
    new = _file(name, text)
    with context.catalog.writing() as session:
        if (
            session.get(ProjectRow, name) is not None
        ):  # of a file that was taken away: its voices are not ours
            raise ProjectExists(f"there was a project {name!r} before.\nChoose another name.")
        # the row first: versions and roles refer to it
        register_project(session, project_id=name, title=title, languages={}, at=now)
        note_change(session, new, changes_between("", text), by=by, because=None, now=now)
        set_roles(session, by, name, roles_in(session, by, name) | frozenset(roles), by=by, now=now)
        write_project_file(folder_of(context), name, text, before=None, check=partial(_read, context))


def save_settings(
    context: PortalContext, name: str, text: str, *, before: str, by: str, because: str | None
) -> tuple[Change, ...]:
    """Put another text in the place of a project's file. Returns what it changes; nothing is written where nothing is.

    before: hash of the file that the text was made from
    Raises ChangedMeanwhile, ConfigurationError; then the file stays as it was.
    """
    now = context.clock()
    with context.catalog.writing() as session:
        stands = read_project_file(folder_of(context), name)
        if stands.sha256 != before:
            raise ChangedMeanwhile(f"{name}.yaml was changed since it was read.\nLook at what it says now.")
        changes = changes_between(stands.text, text)
        if changes:
            note_by_hand(session, stands, now=now)
            note_change(session, _file(name, text), changes, by=by, because=because, now=now)
            write_project_file(folder_of(context), name, text, before=before, check=partial(_read, context))
    return changes


def check_text(context: PortalContext, name: str, text: str) -> ProjectRules:
    """What a text would say as that project's file. Raises ConfigurationError."""
    with tempfile.TemporaryDirectory(prefix="boli-settings-") as folder:
        draft = Path(folder) / f"{name}.yaml"
        draft.write_text(text, "utf-8")
        rules = _read(context, draft)
    _check_datasets(context, rules.project)
    return rules


def standing_file(context: PortalContext, name: str) -> ProjectFile:
    """A project's file as it lies there. Raises HTTPException where a hand left something that no page can show."""
    try:
        file = read_project_file(folder_of(context), name)
        read_document(file.text)
    except (FileNotFoundError, UnicodeDecodeError, Unfit) as error:
        raise HTTPException(409, BROKEN_BY_HAND) from error
    return file


def folder_of(context: PortalContext) -> Path:
    return context.configs / "projects"


def recipes_of(context: PortalContext) -> list[str]:
    """Their names, in order."""
    return sorted(path.stem for path in (context.configs / "recipes").glob("*.yaml"))


def _read(context: PortalContext, path: Path) -> ProjectRules:
    return read_rules(path, configs=context.configs, languages=context.languages, recipes=recipes_of(context))


def _check_datasets(context: PortalContext, project: Project) -> None:
    """A dataset is one project's alone: a name that another has is refused. Raises ConfigurationError."""
    others = {
        rules.name
        for name, other in context.projects.items()
        if name != project.name
        for rules in other.releases
    }
    if project.release.name in others:
        rule = Sentence("is another project's dataset")
        mend = Sentence("Give each dataset a name of its own.")
        raise ConfigurationError(
            folder_of(context) / f"{project.name}.yaml",
            [Broken(("release", "name"), rule, mend, given=f"'{project.release.name}'")],
        )


def _file(name: str, text: str) -> ProjectFile:
    return ProjectFile(name, text, hashlib.sha256(text.encode()).hexdigest())
