"""The lock files: which versions are installed, and the digest that each file of them must have.

    python -m tools.lock          writes requirements*.lock anew from the pins that stand in them

A pin is `name==version`, with a marker where versions differ by interpreter. Change a pin, or append the one that a new
dependency needs, and run this: it asks pip, by its own configuration, what it would install on each interpreter and
processor of TARGETS, and writes the digests of those files. A package that nothing needs any more is left out, and one
that is needed and not pinned, or pinned to a version that somebody refuses, is said. No index is named anywhere.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PROCESSORS = ("x86_64", "aarch64")
PATCHES = ("0", "99")  # the first and the last: some packages are needed up to a patch release only
GLIBC = range(36, 4, -1)
EDITABLE = "editables"  # what hatchling asks for when it installs a checkout in place

FILES = {None: "requirements.lock", "dask": "requirements-dask.lock", "dev": "requirements-dev.lock"}
HEADS = {
    None: "# What a user's environment holds. Written by `python -m tools.lock`: docs/decisions/lock.md",
    "dask": "# What the extra `dask` needs besides. Written by `python -m tools.lock`.\n-r requirements.lock",
    "dev": "# What tests, linters and benches need besides. Written by `python -m tools.lock`.\n-r requirements.lock",
}


class LockError(Exception):
    """The pins can't be locked; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock file without its digests."""

    name: str
    version: str
    marker: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")


@dataclass(frozen=True, slots=True)
class Target:
    """One interpreter on one processor, under Linux with glibc."""

    python: str
    processor: str

    def environments(self, extras: Iterable[str] = ("",)) -> Iterator[dict[str, str]]:
        """What markers are held against: each patch release in question, with each of the extras."""
        for patch in PATCHES:
            for extra in extras:
                version = f"{self.python}.{patch}"
                yield {
                    "python_version": self.python,
                    "python_full_version": version,
                    "implementation_version": version,
                    "implementation_name": "cpython",
                    "platform_python_implementation": "CPython",
                    "os_name": "posix",
                    "sys_platform": "linux",
                    "platform_system": "Linux",
                    "platform_machine": self.processor,
                    "platform_release": "",
                    "platform_version": "",
                    "extra": extra,
                }

    def wants(self, marker: Marker | str | None, extras: Iterable[str] = ("",)) -> bool:
        """Whether a line with this marker counts here.

        >>> Target("3.13", "aarch64").wants("python_version < '3.12'")
        False
        """
        parsed = Marker(marker) if isinstance(marker, str) and marker else marker
        return not parsed or any(parsed.evaluate(each) for each in self.environments(extras or ("",)))


@dataclass(frozen=True, slots=True)
class Wheel:
    """What pip would install for a pin on a target."""

    pin: Pin
    sha256: str
    requires: tuple[Requirement, ...]


TARGETS = tuple(Target(python, processor) for python in PYTHONS for processor in PROCESSORS)


def read_pins(text: str) -> Iterator[Pin]:
    """The pins of a lock file, with or without digests.

    >>> [str(pin) for pin in read_pins("# why\\na==1 ; python_version < '3.12' \\\\\\n    --hash=sha256:00\\nb==2\\n")]
    ["a==1 ; python_version < '3.12'", 'b==2']
    """
    for line in text.splitlines():
        pinned = line.removesuffix("\\").strip()
        if pinned and not pinned.startswith(("#", "-")):
            requirement = Requirement(pinned)
            (version,) = (each.version for each in requirement.specifier)
            _, _, marker = pinned.partition(" ; ")
            yield Pin(canonicalize_name(requirement.name), version, marker)


def read_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Name and lines of each pin of a lock file, with its digests.

    >>> list(read_blocks("# why\\na==1 \\\\\\n    --hash=sha256:00\\nb==2\\n"))
    [('a', 'a==1 \\\\\\n    --hash=sha256:00\\n'), ('b', 'b==2\\n')]
    """
    whole = "".join(f"{line}\n" for line in text.splitlines() if not line.startswith(("#", "-")))
    for block in whole.replace("\\\n", "\0").splitlines():
        lines = block.replace("\0", "\\\n") + "\n"
        yield next(read_pins(lines)).name, lines


def wheels_for(pins: Sequence[Pin], target: Target) -> dict[str, Wheel]:
    """By name, what pip would fetch; nothing is installed. Raises LockError."""
    wanted = {pin.name: pin for pin in pins if target.wants(pin.marker)}
    platforms = [f"manylinux_2_{minor}_{target.processor}" for minor in GLIBC]
    platforms += [
        f"{name}_{target.processor}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")
    ]
    with tempfile.TemporaryDirectory(prefix="boli-lock-") as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--no-deps",
            "--target",
            folder,
        ]
        command += ["--ignore-requires-python", "--only-binary=:all:", "--report", str(report)]
        command += ["--implementation", "cp", "--python-version", target.python]
        command += [word for platform in platforms for word in ("--platform", platform)]
        done = subprocess.run(
            [*command, *(f"{pin.name}=={pin.version}" for pin in wanted.values())],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            errors = "\n".join(line for line in done.stderr.splitlines() if line.startswith("ERROR"))
            raise LockError(
                f"pip finds no wheels for Python {target.python} on {target.processor}:\n{errors}"
            )
        found = json.loads(report.read_text("utf-8"))["install"]
    wheels: dict[str, Wheel] = {}
    for each in found:
        name = canonicalize_name(each["metadata"]["name"])
        requires = tuple(Requirement(line) for line in each["metadata"].get("requires_dist", ()))
        wheels[name] = Wheel(
            wanted[name], each["download_info"]["archive_info"]["hashes"]["sha256"], requires
        )
    return wheels


def needed(roots: Iterable[Requirement], wheels: Mapping[str, Wheel], target: Target) -> frozenset[str]:
    """Names of all that the roots need, by what the wheels say of themselves. Raises LockError."""
    waiting = [(root, "this project") for root in roots if target.wants(root.marker)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement, because = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        wheel = wheels.get(name)
        if wheel is None:
            raise LockError(
                f"{because} needs {requirement} on Python {target.python}, and it is not pinned.\n"
                f"Append `{name}==VERSION` to a lock file and run this again."
            )
        if not requirement.specifier.contains(wheel.pin.version, prereleases=True):
            raise LockError(f"{because} needs {requirement}, and {wheel.pin} is pinned. Change the pin.")
        if (name, extras) not in seen:
            seen.add((name, extras))
            waiting += [(each, name) for each in wheel.requires if target.wants(each.marker, ("", *extras))]
    return frozenset(name for name, _ in seen)


def roots_of(pyproject: Mapping[str, object], extra: str | None) -> list[Requirement]:
    """What the project asks for; without an extra also what installing the checkout itself takes."""
    project, build = pyproject["project"], pyproject["build-system"]
    assert isinstance(project, dict) and isinstance(build, dict)
    lines = (
        project["optional-dependencies"][extra]
        if extra
        else [*project["dependencies"], *build["requires"], EDITABLE]
    )
    return [Requirement(line) for line in lines]


def as_text(head: str, digests: Mapping[Pin, Iterable[str]]) -> str:
    """A lock file, by name; the same pins and digests always give the same bytes."""
    lines = (
        [str(pin), *(f"--hash=sha256:{digest}" for digest in sorted(set(digests[pin])))]
        for pin in sorted(digests, key=str)
    )
    return "\n".join([head, *(" \\\n    ".join(line) for line in lines)]) + "\n"


def lock(root: Path) -> dict[str, str]:
    """Every lock file as it should be. Raises LockError."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    files = [root / name for name in FILES.values() if (root / name).exists()]
    pins = list(dict.fromkeys(pin for file in files for pin in read_pins(file.read_text("utf-8"))))
    digests: dict[str | None, dict[Pin, list[str]]] = {extra: {} for extra in FILES}
    for target in TARGETS:
        wheels = wheels_for(pins, target)
        base = needed(roots_of(pyproject, None), wheels, target)
        for extra in FILES:
            names = needed(roots_of(pyproject, extra), wheels, target) - base if extra else base
            for name in names:
                digests[extra].setdefault(wheels[name].pin, []).append(wheels[name].sha256)
    return {FILES[extra]: as_text(HEADS[extra], found) for extra, found in digests.items()}


def main() -> None:
    """Write the lock files, and say which have changed."""
    try:
        files = lock(ROOT)
    except LockError as error:
        sys.exit(str(error))
    for name, text in files.items():
        path = ROOT / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"written: {name}\n")


if __name__ == "__main__":
    main()
