"""Bring the translators' catalogues up to date with what the portal says: `python -m portal.i18n.update_messages`.

Messages are collected from templates, Python and scripts, from what lower rooms say to people, the list of reasons,
the tags and the guidelines.
A message that is gone leaves the catalogues; a new one stands there empty until somebody translates it, and a test
fails as long.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog as Messages
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from catalog import reasons
from portal.i18n.translation import FOLDER, LANGUAGES, SOURCE, messages

PORTAL = Path(__file__).resolve().parents[1]
LOWER_ROOMS = tuple(PORTAL.parent / room for room in ("catalog", "transcription", "releases"))
CONFIGS = PORTAL.parent / "configs"
_METHODS = [
    ("static/vendor/**", "ignore"),
    ("static/js/sw.js", "ignore"),
    ("**.py", "python"),
    ("**.j2", "jinja2"),
    ("**.js", "javascript"),
]
_OPTIONS = {
    "**.j2": {
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "extensions": "jinja2.ext.do",
    },
    "**.js": {"parse_template_string": "true"},
}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "Sentence": None}
_RULES = {"Sentence": None, "_rule": None}
"""By which lower rooms mark what they say to people (catalog.config.sentence)."""


def collect() -> Messages:
    """Everything the portal says, in English, with where it stands."""
    found = Messages(project="Boli", charset="utf-8", fuzzy=False)
    for path, _line, message, _comments, context in extract_from_dir(
        PORTAL, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        # No line numbers: a catalogue changes only when a message does.
        found.add(message, locations=[(f"portal/{path}", "")], context=context)  # type: ignore[list-item]
    for room in LOWER_ROOMS:
        for path, _line, message, _comments, context in extract_from_dir(
            room, method_map=[("**.py", "python")], keywords=_RULES
        ):
            found.add(message, locations=[(f"{room.name}/{path}", "")], context=context)  # type: ignore[list-item]
    for reason in reasons.REASONS.values():
        for message in (reason.sentence, reason.mend):
            found.add(message, locations=[("catalog/reasons.py", "")])  # type: ignore[list-item]
    for tags in yaml.safe_load((CONFIGS / "tags.yaml").read_text("utf-8"))["sets"].values():
        for tag in tags.values():
            for message in (tag["title"], tag["means"]):
                found.add(message, locations=[("configs/tags.yaml", "")])  # type: ignore[list-item]
    for file in sorted((CONFIGS / "guidelines").glob("*/*.yaml")):
        for message in guideline_messages(yaml.safe_load(file.read_text("utf-8"))):
            found.add(message, locations=[("configs/guidelines", "")])  # type: ignore[list-item]
    return found


def guideline_messages(file: Mapping[str, Any]) -> Iterator[str]:
    """What a guideline's file says to people: its rules, and why its examples are written so."""
    yield from file.get("rules", ())
    yield from (example["because"] for example in file.get("examples", ()))


def update(code: str, template: Messages) -> tuple[int, int]:
    """Write the catalogue of a language anew. Returns how many messages it has, and how many wait for a translator."""
    path = FOLDER / code / "LC_MESSAGES" / "messages.po"
    if path.is_file():
        catalogue = messages(code)
        created = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.creation_date = created  # no today's date: a catalogue changes only when a message does
        catalogue.obsolete.clear()
    else:
        path.parent.mkdir(parents=True)
        catalogue = Messages(locale=code, project="Boli", charset="utf-8", fuzzy=False)
        catalogue.update(template)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
    said = [message for message in catalogue if message.id]
    return len(said), sum(1 for message in said if not is_translated(message.string))


def is_translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether every form is there."""
    forms = [string] if isinstance(string, str) else list(string or [])
    return bool(forms) and all(forms)


def main() -> None:
    template = collect()
    for code in LANGUAGES:
        if code != SOURCE:
            count, waiting = update(code, template)
            sys.stdout.write(f"{code}: {count} messages, {waiting} wait for a translator\n")


if __name__ == "__main__":
    main()
