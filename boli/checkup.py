"""Checks of everything Boli stands on, each tried for real and reported in one line."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from audio.align.align import align_words
from audio.align.espeak import voices
from audio.confine.report import confinement
from audio.examine import examine
from audio.limits import Limits
from audio.recipe import Recipe
from audio.render import flac_bytes, write_whole
from audio.sandbox import Sandbox
from boli.alarms import LEAST_FREE_GB, free_gb
from boli.errors import is_expected
from boli.rights import open_paths
from catalog.config.configuration import load_folder
from catalog.config.project import load_projects
from catalog.config.settings import Settings
from catalog.database import open_catalog
from catalog.store import open_store, probe
from flows.workspace import s3_options
from portal.record.prompts import load_prompts, pictures_here
from transcription.rules.guideline import load_guidelines
from transcription.rules.language import load_languages


@dataclass(frozen=True, slots=True)
class Check:
    """said: what was found; where it failed, with the mend."""

    name: str
    passed: bool
    said: str


class _Unhealthy(Exception):
    """A check that failed, in words for the operator."""


def checkup(settings: Settings) -> Iterator[Check]:
    """Every check, as it is done."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("configs", _configs),
        ("catalogue", _catalogue),
        ("store", _store),
        ("decoder", _decoder),
        ("sandbox", _sandbox),
        ("voices", _voices),
        ("disk", _disk),
        ("privacy", _privacy),
    )
    yield Check(
        "boli", True, f"version {version('boli')}, files of this machine in {settings.home.resolve()}"
    )
    for name, check in checks:
        try:
            yield Check(name, True, check(settings))
        except Exception as error:
            if not (is_expected(error) or isinstance(error, _Unhealthy | OSError)):
                raise
            yield Check(name, False, str(error))


def _configs(settings: Settings) -> str:
    languages = load_languages(settings.configs / "languages")
    recipes = load_folder(settings.configs / "recipes", Recipe)
    projects = load_projects(settings.configs / "projects", languages=languages, recipes=recipes)
    load_guidelines(settings.configs, languages)
    balance = load_prompts(settings.configs / "prompts", languages=languages, pictures=pictures_here())
    prompts = f"prompts in {len(balance)} of them" if balance else "no prompts"
    return f"{len(languages)} languages, {prompts}, {len(recipes)} recipe(s), projects: {', '.join(projects)}"


def _catalogue(settings: Settings) -> str:
    catalog = open_catalog(settings.catalog_url)
    try:
        return f"{catalog.engine.dialect.name} answers, tables are up to date"
    finally:
        catalog.close()


def _store(settings: Settings) -> str:
    report = probe(open_store(settings.store_address, s3_options(settings)), rounds=2)
    return f"{report.url} keeps its word: of {report.writers} racing writers one wins"


def _decoder(settings: Settings) -> str:
    limits = Limits(address_space=settings.recording_memory_mb * 2**20)
    with tempfile.TemporaryDirectory() as folder, Sandbox(1, limits) as sandbox:
        path = Path(folder) / "tone.flac"
        tone = 0.1 * np.sin(np.arange(16_000) * 2 * np.pi * 440 / 16_000)
        write_whole(path, flac_bytes(tone.astype(np.float32), 16_000))
        found = sandbox.run(examine, path, limits)
    if found.summary.samples != 16_000:
        raise _Unhealthy(
            f"a tone of 16000 samples came back as {found.summary.samples}. Reinstall with `make setup`."
        )
    return f"decodes in a child of its own, at most {settings.recording_memory_mb} MB"


def _sandbox(settings: Settings) -> str:
    with Sandbox(1, Limits(address_space=settings.recording_memory_mb * 2**20)) as sandbox:
        found = sandbox.run(confinement)
    if found.missing:
        raise _Unhealthy(
            f"a decoder taken over by a file is not held in everything: {'; '.join(found.missing)}. "
            "Run Boli on a newer kernel, or let the container use these layers (docs/operating.md)."
        )
    return f"calls, files (Landlock {found.files}) and memory are closed to decoders"


def _voices(_: Settings) -> str:
    names = voices()
    if "hi" not in names:
        raise _Unhealthy("espeak-ng has no Hindi voice. Reinstall with `make setup`.")
    rng = np.random.default_rng(0)
    align_words((0.1 * rng.standard_normal(16_000)).astype(np.float32), ["एक"], "hi")
    return f"espeak-ng speaks {len(names)} languages"


def _disk(settings: Settings) -> str:
    free = free_gb(settings)
    if free < LEAST_FREE_GB:
        raise _Unhealthy(
            f"{free:.1f} GB free in {settings.home.resolve()}; have {LEAST_FREE_GB:g} GB at least."
        )
    return f"{free:.0f} GB free"


def _privacy(settings: Settings) -> str:
    found = list(open_paths(settings))
    if found:
        raise _Unhealthy(
            "other users of this machine reach\n"
            + "\n".join(f"  {each.path} ({each.what}; mode {each.mode:04o}): {each.mend}" for each in found)
        )
    return "home folder, catalogue, store, keys and settings are closed to other users of this machine"
