"""A project's own prompts as they lie in its files, one a language: read, written whole, taken out again."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from catalog.config.project_files import (
    ChangedMeanwhile,
    ProjectFile,
    read_project_file,
    write_project_file,
)
from catalog.config.yaml_document import Value
from catalog.config.yaml_edit import edited
from portal.context import PortalContext
from portal.record.prompts import PromptBook, PromptSet, load_book, own_folder, pictures_here

NEW_FILE = (
    "# Prompts of this project alone: they are asked before those of all projects.\nlanguage: x\nsets: []\n"
)


def read_own_sets(
    context: PortalContext, project: str, language: str
) -> tuple[tuple[PromptSet, ...], ProjectFile | None]:
    """The sets that are the project's own, with their file; nothing where there is none. Raises ConfigurationError."""
    folder = own_folder(context.configs, project)
    path = folder / f"{language}.yaml"
    if not path.is_file():
        return (), None
    book = load_book(path, languages=context.languages, pictures=pictures_here())
    return book.sets, read_project_file(folder, language)


def write_own_sets(
    context: PortalContext,
    project: str,
    language: str,
    sets: Sequence[PromptSet],
    file: ProjectFile | None,
    *,
    before: str | None,
) -> None:
    """Put the sets in place of those in the file; without any, the file goes.

    file: that the sets were made from; before: its hash, when somebody looked at it last
    Raises ChangedMeanwhile, ProjectExists, ConfigurationError; then the file stays as it was.
    """
    folder = own_folder(context.configs, project)
    if not sets:
        path = folder / f"{language}.yaml"
        if read_project_file(folder, language).sha256 != before:
            raise ChangedMeanwhile(f"{path} was changed since it was read.\nLook at what it says now.")
        path.unlink()
        return
    text = edited(
        file.text if file else NEW_FILE,
        {("language",): language, ("sets",): [_as_value(each) for each in sets]},
    )
    folder.mkdir(exist_ok=True)

    def check(path: Path) -> PromptBook:
        return load_book(path, languages=context.languages, pictures=pictures_here())

    write_project_file(folder, language, text, before=before, check=check)


def _as_value(each: PromptSet) -> Value:
    prompts: list[Value] = []
    for prompt in each.prompts:
        said = {"name": prompt.name, "kind": prompt.kind, "picture": prompt.picture, "text": prompt.text}
        prompts.append({key: cast(Value, value) for key, value in said.items() if value is not None})
    return {"name": each.name, "title": each.title, "prompts": prompts}
