"""The rooms that are plain functions, tested on every interpreter that we promise and this machine has.

    python -m tests.pythons        on each of VERSIONS but the one that runs it; a line for each that is not here

The whole suite runs on one interpreter. On the others a small environment is enough, made once from the lock files and
kept: what decodes, computes, reads configurations and judges texts, without servers, browsers and flows.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.lock import FILES, read_blocks

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venv-pythons"
VERSIONS = ("3.11", "3.12", "3.13")
PACKAGES = frozenset(
    {
        "annotated-types", "av", "boto3", "botocore", "cffi", "click", "espeakng-loader", "greenlet", "hypothesis",
        "iniconfig", "jiwer", "jmespath", "numpy", "packaging", "pluggy", "psycopg", "psycopg-binary",
        "pycparser", "pydantic", "pydantic-core", "pydantic-settings", "pygments", "pyloudnorm", "pytest",
        "python-dateutil", "python-dotenv", "pyyaml", "rapidfuzz", "regex", "ruamel-yaml", "s3transfer", "scipy", "six",
        "sortedcontainers", "soundfile", "soxr", "sqlalchemy", "threadpoolctl", "typing-extensions",
        "typing-inspection", "urllib3", "webrtcvad-wheels",
    }
)  # fmt: skip
TESTS = (
    "audio/blocks.py",
    "audio/interval.py",
    "audio/by_name.py",
    "tests/audio/test_detect.py",
    "tests/audio/test_fingerprint.py",
    "tests/audio/test_k_weighting.py",
    "tests/audio/test_loudness.py",
    "tests/audio/test_measure.py",
    "tests/audio/test_mono.py",
    "tests/audio/test_peaks.py",
    "tests/audio/test_recipe.py",
    "tests/audio/test_segment.py",
    "tests/audio/test_smoothing.py",
    "tests/catalog/config",
    "tests/catalog/test_keys.py",
    "tests/catalog/test_states.py",
    "tests/transcription/decisions/test_agreement.py",
    "tests/transcription/decisions/test_beta.py",
    "tests/transcription/decisions/test_consensus.py",
    "tests/transcription/decisions/test_weighing.py",
    "tests/transcription/rules",
    "tests/transcription/slots/test_vocabulary.py",
    "tests/transcription/test_text_checker.py",
    "tests/transcription/test_text_forms.py",
    "tests/transcription/test_text_languages.py",
    "transcription/decisions",
    "transcription/text",
)


def interpreters(version: str) -> Iterator[Path]:
    """Where Python `version` may be: on the path, or among pyenv's."""
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))


def interpreter(version: str) -> Path | None:
    """The first that really runs: a shim may stand for a version that is not installed."""
    code = f"import ctypes, sqlite3, ssl, sys; sys.exit(sys.version_info[:2] != {tuple(map(int, version.split('.')))})"
    return next(
        (
            each
            for each in interpreters(version)
            if not subprocess.run([each, "-c", code], capture_output=True).returncode
        ),
        None,
    )


def requirements() -> str:
    """The blocks of the lock files that PACKAGES name, with their digests."""
    texts = [(ROOT / name).read_text("utf-8") for name in FILES.values()]
    return "".join(block for text in texts for name, block in read_blocks(text) if name in PACKAGES)


def environment(version: str, python: Path) -> Path:
    """The interpreter of the small environment, made where there is none for these very requirements."""
    folder = ENVIRONMENTS / version
    made_from = folder / "made-from"
    wanted = requirements()
    digest = hashlib.sha256(f"{python}\n{wanted}".encode()).hexdigest()
    if not made_from.exists() or made_from.read_text() != digest:
        subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
        (folder / "requirements.txt").write_text(wanted)
        pip: list[str | Path] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
        ]
        pip += ["--quiet", "--require-hashes", "--no-deps", "--requirement", folder / "requirements.txt"]
        subprocess.run(pip, check=True)
        made_from.write_text(digest)
    return folder / "bin" / "python"


def main() -> None:
    """Exit 1 where a test fails on one of them."""
    failed = False
    for version in VERSIONS:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            continue
        python = interpreter(version)
        if python is None:
            sys.stdout.write(f"Python {version}: not on this machine, its tests are left out\n")
            continue
        command: list[str | Path] = [
            environment(version, python),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
        ]
        sys.stdout.write(f"Python {version}:\n")
        sys.stdout.flush()
        failed |= subprocess.run([*command, "-m", "not slow", *TESTS], cwd=ROOT, check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
