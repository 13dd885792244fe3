"""The tables of docs/ that the code knows best: commands, settings, reason codes, recipes.

    python -m boli.reference          writes them anew; a test fails while the pages and the code differ

Only what stands between the two marks of a page is written; the rest of the page is a person's.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.core import TyperArgument, TyperGroup, TyperOption

from audio.recipe import Recipe
from boli.cli import COMMANDS
from catalog.config.settings import ROOT, Settings
from catalog.reasons import REASONS, ReasonKind
from transcription.text.checker import CODES

BEGIN = "<!-- From here to the end mark: python -m boli.reference -->"
END = "<!-- end -->"

_DEFAULTS_IN_WORDS = {"workers": "one for each processor", "configs": "`configs/` of the checkout"}
_KINDS = {
    ReasonKind.FILE: "The file",
    ReasonKind.SOUND: "The sound",
    ReasonKind.CLIP: "One clip",
    ReasonKind.CONSENT: "Consent",
    ReasonKind.PERSON: "What a person found",
    ReasonKind.TEXT: "A text that goes back to its author",
    ReasonKind.FAILURE: "Our side",
}


def pages(docs: Path) -> Mapping[Path, str]:
    """Each page as it should be. Raises ValueError where a page has lost its marks."""
    tables = {"commands.md": commands, "settings.md": settings, "reasons.md": reasons, "recipes.md": recipes}
    return {docs / name: _placed(docs / name, "\n".join(table())) for name, table in tables.items()}


def commands() -> Iterator[str]:
    """A section a command: what it does, its examples, its arguments and options."""
    for name, command in leaves():
        text, examples = split_help(command.help or "")
        yield f"## boli {name}\n"
        yield f"{text}\n"
        yield "\n".join(["```sh", *examples, "```\n"])
        rows = [_parameter(each) for each in command.params if each.name != "help"]
        if rows:
            yield "| | | default |\n|---|---|---|"
            yield "\n".join(rows) + "\n"


def leaves() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its whole name, such as `release verify`."""
    for each in COMMANDS:
        name, command = each.name or "", each.load()
        if isinstance(command, TyperGroup):
            for verb, inner in command.commands.items():
                yield f"{name} {verb}", inner
        else:
            yield name, command


def split_help(text: str) -> tuple[str, list[str]]:
    """What a command's help says, and its examples.

    >>> split_help("Does it.\\n\\n[bold]Example[/]\\n\\n  boli it")
    ('Does it.', ['boli it'])
    """
    before, _, rest = text.partition("[bold]Example")
    examples = [line.strip() for line in rest.splitlines()[1:] if line.strip()]
    return before.strip(), examples


def settings() -> Iterator[str]:
    """A row a setting."""
    yield "| setting | default | meaning |\n|---|---|---|"
    for name, field in Settings.model_fields.items():
        yield f"| `BOLI_{name.upper()}` | {_default(name, field)} | {_cell(field.description or '')} |"
    yield ""


def reasons() -> Iterator[str]:
    """A table a kind of reason; then the remarks on a text."""
    for kind, title in _KINDS.items():
        yield f"## {title}\n\n| code | what it says | what to do |\n|---|---|---|"
        for each in REASONS.values():
            if each.kind is kind:
                yield f"| `{each.code}` | {_cell(each.sentence)} | {_cell(each.mend)} |"
        yield ""
    yield "## Remarks while somebody writes\n\n| code | what it means |\n|---|---|"
    for code, meaning in CODES.items():
        yield f"| `{code}` | {_cell(meaning)} |"
    yield ""


def recipes() -> Iterator[str]:
    """A table a group of keys, from what the data classes say of themselves."""
    recipe = Recipe()
    for group in fields(Recipe):
        rules = getattr(recipe, group.name)
        if not hasattr(rules, "__dataclass_fields__"):
            continue
        text = inspect.getdoc(type(rules)) or ""
        meanings = described(text)
        yield f"## {group.name}\n\n{text.splitlines()[0]}\n\n| key | meaning | default |\n|---|---|---|"
        for each in fields(rules):
            name, default = f"{group.name}.{each.name}", getattr(rules, each.name)
            shown = str(default).lower() if isinstance(default, bool) else f"{default}"
            yield f"| `{name}` | {_cell(meanings[each.name])} | `{shown}` |"
        yield ""


def described(docstring: str) -> dict[str, str]:
    """What a docstring says of each field; one with nothing of its own belongs to the one before it.

    >>> described("Limits.\\n\\nwarn_db: over it\\n  we warn\\nreject_db:")
    {'warn_db': 'over it we warn', 'reject_db': 'over it we warn'}
    """
    found: dict[str, str] = {}
    name = ""
    for line in docstring.splitlines()[1:]:
        if match := re.fullmatch(r"([a-z_0-9]+):(.*)", line):
            before, name = name, match.group(1)
            found[name] = match.group(2).strip() or found.get(before, "")
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


def _parameter(parameter: TyperArgument | TyperOption) -> str:
    if isinstance(parameter, TyperArgument):
        many = " …" if parameter.nargs == -1 else ""
        name = f"`{(parameter.name or '').upper()}{many}`"
    else:
        name = ", ".join(f"`{each}`" for each in (*parameter.opts, *parameter.secondary_opts))
    default = "needed" if parameter.required else _shown(parameter.default)
    return f"| {name} | {_cell(parameter.help or '')} | {default} |"


def _default(name: str, field: FieldInfo) -> str:
    return _DEFAULTS_IN_WORDS.get(name) or _shown(field.default)


def _shown(value: object) -> str:
    if value is None or value is False or value == [] or isinstance(value, SecretStr):
        return "—"
    return "yes" if value is True else f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _placed(page: Path, table: str) -> str:
    text = page.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page.name} has lost its marks. Put back the lines {BEGIN!r} and {END!r}.")
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def main() -> None:
    """Write the pages that differ, and say which."""
    for page, text in pages(ROOT / "docs").items():
        if page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")
            sys.stdout.write(f"written: docs/{page.name}\n")


if __name__ == "__main__":
    main()
