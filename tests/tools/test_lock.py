"""The locks: every file by its digest, all that the project asks for, and no address."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import (
    FILES,
    ROOT,
    LockError,
    Pin,
    Target,
    Wheel,
    as_text,
    needed,
    read_blocks,
    read_pins,
    roots_of,
)

HERE = Target("3.12", "x86_64")
PIN = r"[\w.-]+==[\w.!+]+( ; [\w.' <>=!]+)?"
DIGESTS = r"( \\\n    --hash=sha256:[0-9a-f]{64})+"


def wheel(pinned: str, *requires: str) -> Wheel:
    (pin,) = read_pins(pinned)
    return Wheel(pin, "0" * 64, tuple(map(Requirement, requires)))


@pytest.mark.parametrize("name", sorted(FILES.values()))
def test_a_lock_pins_every_version_with_digests_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")

    blocks = [block for _, block in read_blocks(text)]

    assert blocks
    assert not [block for block in blocks if not re.fullmatch(f"{PIN}{DIGESTS}\n", block)]
    assert {line for line in text.splitlines() if line.startswith("-")} <= {"-r requirements.lock"}


def test_the_locks_hold_all_that_the_project_asks_for_and_each_package_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = {
        extra: {pin.name for pin in read_pins((ROOT / name).read_text("utf-8"))}
        for extra, name in FILES.items()
    }

    for extra in FILES:
        roots = {canonicalize_name(root.name) for root in roots_of(project, extra)}
        assert roots <= names[extra] | names[None]
    assert not names[None] & (names["dev"] | names["dask"])


def test_a_users_lock_holds_no_test_tools() -> None:
    names = {pin.name for pin in read_pins((ROOT / "requirements.lock").read_text("utf-8"))}

    assert not names & {"pytest", "hypothesis", "mypy", "ruff", "playwright", "pyloudnorm", "pydub"}


def test_what_is_needed_is_walked_through_markers_and_extras() -> None:
    wheels = {
        "a": wheel("a==1", "b[fast]", "old; python_version < '3.12'", "win; sys_platform == 'win32'"),
        "b": wheel("b==2", "c>=3; extra == 'fast'", "d; extra == 'slow'"),
        "c": wheel("c==3.1"),
    }

    roots = [Requirement("a"), Requirement("never; python_version < '3'")]
    assert needed(roots, wheels, HERE) == {"a", "b", "c"}


def test_a_package_that_is_not_pinned_is_named_with_who_needs_it() -> None:
    with pytest.raises(LockError, match=r"a needs b>=2 on Python 3.12, and it is not pinned"):
        needed([Requirement("a")], {"a": wheel("a==1", "b>=2")}, HERE)


def test_a_pin_that_somebody_excludes_is_said() -> None:
    wheels = {"a": wheel("a==1", "b>=2"), "b": wheel("b==1.9")}

    with pytest.raises(LockError, match=r"a needs b>=2, and b==1.9 is pinned"):
        needed([Requirement("a")], wheels, HERE)


def test_what_is_written_is_read_back() -> None:
    pins = {Pin("b", "2", ""): ["bb", "aa", "bb"], Pin("a", "1", "python_version < '3.12'"): ["cc"]}

    text = as_text("# why", pins)

    assert list(read_pins(text)) == [Pin("a", "1", "python_version < '3.12'"), Pin("b", "2", "")]
    assert text.endswith("b==2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n")
