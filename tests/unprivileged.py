"""A command of ours in the hands of a user without powers, also where the tests run as root."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_SECONDS

USER, GROUP = "nobody", "nogroup"
# An interpreter in root's own folder is reached by nobody else: in a mount namespace of the command's own, a folder
# that may be passed through, with nothing in it but the way to the interpreter, lies over that one.
_OPEN_THE_WAY = (
    'mkdir -p "$2/$3" && mount --bind "$1/$3" "$2/$3" && mount --rbind "$2" "$1" && shift 3 && exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Unprivileged:
    """Runs commands as nobody. home: a folder of theirs"""

    home: Path
    prefix: tuple[str, ...]

    def run(
        self, command: Sequence[str], *, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The command's end, with what it said; it begins in its own folder."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            **(variables or {}),
        }
        return subprocess.run(
            [*self.prefix, *command],
            cwd=self.home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


@contextmanager
def unprivileged() -> Iterator[Unprivileged]:
    """Whoever runs the tests, where that is not root; else nobody, with none of root's powers."""
    with tempfile.TemporaryDirectory(prefix="boli-") as folder:
        home = Path(folder, "home")
        home.mkdir()
        if os.geteuid() != 0:
            yield Unprivileged(home, ())
            return
        Path(folder).chmod(0o755)
        os.chown(home, *_ids())
        drop = f"setpriv --reuid={USER} --regid={GROUP} --clear-groups --inh-caps=-all --bounding-set=-all --"
        with tempfile.TemporaryDirectory(prefix="boli-way-") as way:
            found = Unprivileged(home, (*_way_to_the_interpreter(Path(way)), *drop.split()))
            tried = found.run([sys.executable, "-c", "import os; print(os.getresuid())"])
            if tried.returncode != 0:
                pytest.skip(f"this machine lets root run no program as {USER}: {tried.stderr.strip()}")
            yield found


def _ids() -> tuple[int, int]:
    import grp
    import pwd

    return pwd.getpwnam(USER).pw_uid, grp.getgrnam(GROUP).gr_gid


def _way_to_the_interpreter(over: Path) -> tuple[str, ...]:
    """What opens the way, for one folder that is closed; nothing where all are open."""
    path = Path(sys.executable).resolve()
    for closed in reversed(path.parents):
        if not closed.stat().st_mode & stat.S_IXOTH:
            over.chmod(0o755)
            name = path.relative_to(closed).parts[0]
            return ("unshare", "--mount", "sh", "-c", _OPEN_THE_WAY, "sh", str(closed), str(over), name)
    return ()
