"""What keeps the tree easy to find one's way in: short functions and files, few modules a room, one name one thing."""

import ast
import io
import subprocess
import tokenize
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ROOMS = ("audio", "catalog", "transcription", "releases", "flows", "portal", "boli")
MIGRATIONS = "catalog/migrations/versions/"
"""Frozen, and a table after the other."""
PRIVATE_NOUNS = {"house", "shop", "workshop", "told", "tongue"}


def python_files(*rooms: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    return [REPOSITORY / name for name in listed if not rooms or name.split("/")[0] in rooms]


def test_functions_are_short_but_for_three_in_a_thousand() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
    ]

    assert sum(length > 50 for length in lengths) / len(lengths) <= 0.003


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        path.relative_to(REPOSITORY).as_posix()
        for path in python_files()
        if path.read_text("utf-8").count("\n") > 400
    }

    assert {name for name in long if not name.startswith(MIGRATIONS)} == set()


@pytest.mark.parametrize(("room", "most"), [("boli", 12), ("transcription", 16)])
def test_few_modules_lie_flat_in_a_room(room: str, most: int) -> None:
    flat = [path for path in (REPOSITORY / room).glob("*.py") if path.name != "__init__.py"]

    assert len(flat) <= most


def test_no_name_of_ours_is_a_private_noun() -> None:
    used = Counter(
        word
        for path in python_files(*ROOMS)
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        if token.type == tokenize.NAME
        for word in token.string.lower().split("_")
        if token.string.lower() in PRIVATE_NOUNS
    )

    assert used == Counter()


@pytest.mark.parametrize("room", ROOMS)
def test_a_class_name_stands_for_one_thing_in_a_room(room: str) -> None:
    names = Counter(
        node.name
        for path in python_files(room)
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    assert {name for name, count in names.items() if count > 1} == set()
