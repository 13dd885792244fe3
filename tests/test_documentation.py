"""What the documents say is what the product does; nothing in it goes unexplained."""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from audio.reasons import AudioReason
from audio.recipe import Recipe
from boli.reference import described, leaves, pages, split_help
from catalog.config.project import Project
from catalog.config.settings import ROOT, Settings
from catalog.reasons import REASONS
from catalog.tables import Base
from releases.selection import HeldBack
from tools.walks import drawing, walks
from transcription.rules.guideline import GuidelineFile, TagSets
from transcription.rules.language import Language
from transcription.text.checker import CODES

DOCS = ROOT / "docs"
COMMANDS = dict(leaves())
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_WORD = re.compile(r"`([^`\n]+)`")


def words_in_code(page: Path) -> set[str]:
    """Everything on a page that stands between back quotes."""
    return set(CODE_WORD.findall(page.read_text("utf-8")))


@pytest.mark.parametrize("page", [path.name for path in pages(DOCS)])
def test_the_tables_are_in_step_with_the_code(page: str) -> None:
    wanted = pages(DOCS)[DOCS / page]

    assert (DOCS / page).read_text("utf-8") == wanted, "run: python -m boli.reference"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_and_its_help_shows_examples(name: str) -> None:
    told, examples = split_help(COMMANDS[name].help)

    assert told
    assert examples
    assert all(re.search(rf"\bboli {name}\b", example) for example in examples)
    assert f"## boli {name}\n" in (DOCS / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_says_what_it_is_for(name: str) -> None:
    silent = [each.name for each in COMMANDS[name].params if each.name != "help" and not each.help]

    assert not silent


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `BOLI_{name.upper()}` |" in (DOCS / "settings.md").read_text("utf-8")


@pytest.mark.parametrize("code", [*REASONS, *CODES, *get_args(HeldBack)])
def test_every_reason_code_is_documented(code: str) -> None:
    assert f"| `{code}` |" in (DOCS / "reasons.md").read_text("utf-8")


@pytest.mark.parametrize("code", AudioReason)
def test_every_reason_that_sound_gives_has_its_sentence(code: AudioReason) -> None:
    assert code.value in REASONS


def keys_of(kind: Any, before: str = "") -> Iterator[str]:
    """Every key of a configuration file, dotted; what people name themselves (a tag, a role) is passed over."""
    for choice in get_args(kind) or [kind]:
        if is_dataclass(choice):
            hints = get_type_hints(choice)
            for each in fields(choice):
                inner = list(keys_of(hints[each.name], f"{before}{each.name}."))
                yield from inner or [f"{before}{each.name}"]
        elif get_origin(choice) is not None:
            yield from keys_of(choice, before)


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        (Project, "projects.md"),
        (Recipe, "recipes.md"),
        (Language, "languages.md"),
        (GuidelineFile, "languages.md"),
        (TagSets, "languages.md"),
    ],
)
def test_every_key_of_the_configuration_is_explained(kind: type, page: str) -> None:
    explained = {part for word in words_in_code(DOCS / page) for part in re.split(r"[^a-z0-9_]+", word)}

    unexplained = [key for key in keys_of(kind) if not set(key.split(".")) <= explained]

    assert not unexplained


def test_keys_are_found_in_groups_tables_and_choices() -> None:
    found = set(keys_of(Project))

    assert {"name", "consent.version", "release.splits.train", "pay.rates.amount"} <= found
    assert {"quotas.by_district", "clips.thresholds.snr_db_at_least"} <= found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text("utf-8")) if not leads_somewhere(link, page)]

    assert not broken


def leads_somewhere(link: str, page: Path) -> bool:
    if link.startswith(("http://", "https://")):
        return True
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not heading or heading in anchors(target))


def anchors(page: Path) -> set[str]:
    """What a heading is called in an address, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for link in LINK.findall(page.read_text("utf-8")):
            path = link.partition("#")[0]
            if not path:  # a place on the page itself
                continue
            target = (page.parent / path).resolve()
            ahead.append(target / "README.md" if target.is_dir() else target)

    assert set(DOCS.rglob("*.md")) <= reached


def test_every_page_that_the_code_names_is_there() -> None:
    named = {
        match
        for path, text in tracked_texts()
        if path.endswith((".py", ".yaml", ".toml")) and not path.startswith("tests/")
        for match in re.findall(r"(?<![\w/.])docs/[\w/-]+\.md", text)
    }

    assert named
    assert not [page for page in sorted(named) if not (ROOT / page).is_file()]


@pytest.mark.parametrize(("page", "least"), [("architecture.md", 11), ("operating.md", 11)])
def test_every_test_that_a_page_of_promises_names_is_there(page: str, least: int) -> None:
    named = re.findall(r"\[`(test_\w+)`\]\(\.\./(tests/\S+?\.py)\)", (DOCS / page).read_text("utf-8"))

    assert len(named) >= least
    assert not [name for name, file in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")]


def test_every_test_that_the_security_page_names_is_there_and_nothing_is_met_without_a_word() -> None:
    page = (DOCS / "security.md").read_text("utf-8")
    named = re.findall(r"\[`(test_\w+)`\]\(\.\./(tests/\S+?\.py)\)", page)
    rows = [line for line in page.partition("## Against")[2].splitlines() if line.startswith("|")][2:]

    assert len(named) >= 50
    assert not [name for name, file in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    for row in rows:
        _, section, state, words, _ = (cell.strip() for cell in row.split("|"))
        assert re.match(r"\d+(\.\d+)*", section), row
        assert re.match(r"met|proxy|not met", state), row
        assert len(words) > 20, row


def test_the_readme_names_the_two_commands_and_who_reads_what() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert {"make demo", "make test"} <= {line.strip() for line in readme.splitlines()}
    for reader in ("coordinator", "transcriber", "reviewer", "ML team", "operator", "developer"):
        assert reader in readme


def test_pictures_are_light_enough_for_a_slow_line() -> None:
    heavy = {
        path.name: path.stat().st_size
        for path in (DOCS / "pictures").iterdir()
        if path.stat().st_size > 500_000
    }

    assert not heavy


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    places = re.compile(r"(?<![\w.)}/])/(?:root|work|home/\w+)/")
    registries = re.compile(
        r"\b(?:[\w-]+\.)*(?:pypi\.org|pythonhosted\.org|artifactory\.\w+|registry\.npmjs\.org)"
    )

    found = [
        f"{path}: {match.group()}"
        for path, text in tracked_texts()
        if path not in (".gitignore", "tests/test_documentation.py")
        for match in [*places.finditer(text), *registries.finditer(text)]
    ]

    assert not found


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_a_lock_pins_every_version_by_its_hash_and_names_no_address(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if line and not line.startswith(("#", "-r "))]

    version = r"[\w.-]+==[\w.!+]+( ; [\w.' <>=!]+)? \\"
    digest = r"    --hash=sha256:[0-9a-f]{64}( \\)?"
    assert lines
    assert not [line for line in lines if not re.fullmatch(f"{version}|{digest}", line)]


def test_what_a_docstring_says_of_a_field_is_read_whole() -> None:
    told = described("Limits.\n\nwarn_db:   over it\n           we warn\nreject_db:\n")

    assert told == {"warn_db": "over it we warn", "reject_db": "over it we warn"}


def tracked_texts() -> Iterable[tuple[str, str]]:
    """Path and text of every tracked file that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode("utf-8").split("\0"):
        path = ROOT / name
        if name and path.is_file():
            try:
                yield name, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def test_reasons_have_a_sentence_and_a_mend_that_end() -> None:
    unfinished: Mapping[str, str] = {
        code: f"{each.sentence} {each.mend}"
        for code, each in REASONS.items()
        if not (each.sentence.endswith((".", "!", "?")) and each.mend.endswith((".", "!", "?")))
    }

    assert not unfinished


def services() -> list[str]:
    """The public modules of the rooms where a noun of the domain is served."""
    flat = [*ROOT.glob("catalog/*.py"), *ROOT.glob("transcription/*.py")]
    return sorted(f"{path.parent.name}/{path.name}" for path in flat if path.name != "__init__.py")


@pytest.mark.parametrize(
    "name", [*sorted(mapper.class_.__name__ for mapper in Base.registry.mappers), *services()]
)
def test_every_table_and_every_service_is_in_the_glossary(name: str) -> None:
    assert f"`{name}`" in (DOCS / "glossary.md").read_text("utf-8")


@pytest.mark.parametrize("page", ["architecture.md", "glossary.md"])
def test_every_file_that_a_page_of_the_layout_names_is_there(page: str) -> None:
    named = [
        word
        for word in words_in_code(DOCS / page)
        if re.fullmatch(r"[\w./]+/[\w.]*\w\.(?:py|js)|[\w/]+/", word)
    ]
    stored = {"landing/", "recordings/", "consents/", "datasets/"}
    rooms = {"slots/", "decisions/", "rules/", "text/", "exchange/", "tables/", "migrations/", "store/", "config/",
             "reconciliation/", "commands/", "demo/", "serve/"}  # fmt: skip

    assert not [each for each in named if each not in stored | rooms and not (ROOT / each).exists()]


def test_the_pictures_of_the_walks_are_in_step_with_their_tables() -> None:
    drawn = {
        picture: drawing(steps) for picture, steps in walks((DOCS / "architecture.md").read_text("utf-8"))
    }

    assert len(drawn) == 3
    for picture, wanted in drawn.items():
        assert (DOCS / "pictures" / picture).read_text("utf-8") == wanted, "run: python -m tools.walks"
