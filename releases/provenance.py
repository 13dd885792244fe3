"""What the bytes of a version follow from: what was chosen, what is said of it, and the programs that write them."""

import hashlib
import platform
from importlib.metadata import version as installed

from releases.about import About
from releases.plan import Plan
from releases.rows import canonical


def build_sha256(plan: Plan, about: About, part_seconds: float) -> str:
    """Hash of everything that the bytes of the files follow from, but for the version's number."""
    said = {
        "selection": plan.selection.sha256,
        "part_seconds": part_seconds,
        "as_of": plan.selection.as_of.isoformat(),
        "figures": repr(plan.figures),
        "leaks": repr(plan.leaks),
        "about": repr(about),
        "made_with": made_with(),
    }
    return hashlib.sha256(canonical(said)).hexdigest()


def made_with() -> dict[str, str]:
    """Programs and their versions."""
    return {
        "boli": installed("boli"),
        "pyarrow": installed("pyarrow"),
        "python": platform.python_version(),
    }
