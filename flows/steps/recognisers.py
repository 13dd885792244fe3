"""A project's recognisers made ready: a model's files fetched, bounded, and named by what they hold."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audio.recognise import network, vocabulary
from audio.recognise.features import FeatureRules
from audio.recognise.file import ModelFiles
from audio.recognise.network import NO_RUNTIME
from catalog.config.configuration import LARGEST, ConfigurationError, load
from catalog.config.recognisers import Recogniser
from catalog.errors import UserError
from catalog.store import NotStored, open_store
from flows.steps.aligners import Brought
from flows.steps.in_sandbox import FailedItem
from flows.steps.scratch import scratch_folder
from flows.workspace import Workspace

_DIGITS = 12


class RecogniserMissing(UserError):
    """A recogniser that a project names can't be had."""


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A brought model in a folder of the step's own. name: as drafts and alignments state it"""

    name: str
    files: ModelFiles


def fetch_model(workspace: Workspace, recogniser: Recogniser, folder: Path) -> ReadyModel:
    """Copy a model and its vocabulary into a folder, and read what describes its features.

    Raises RecogniserMissing (absent, too large, wrongly described, or without onnxruntime), StoreError, OSError.
    """
    assert recogniser.onnx is not None and recogniser.vocabulary is not None
    if not network.has_runtime():
        raise RecogniserMissing(NO_RUNTIME)
    onnx, first = _fetch(workspace, recogniser.onnx, folder, network.MOST_BYTES)
    tokens, second = _fetch(workspace, recogniser.vocabulary, folder, vocabulary.MOST_BYTES)
    parts, features = [first, second], None
    if recogniser.features is not None:
        described, third = _fetch(workspace, recogniser.features, folder, LARGEST)
        parts.append(third)
        features = _features(recogniser.features, described)
    whole = hashlib.sha256(" ".join(parts).encode()).hexdigest()
    return ReadyModel(f"onnx:{whole[:_DIGITS]}", ModelFiles(onnx, tokens, features))


def _features(place: str, path: Path) -> FeatureRules:
    try:
        return load(path, FeatureRules)
    except ConfigurationError as error:
        raise RecogniserMissing(str(error).replace(str(path), place)) from error


@dataclass(frozen=True, slots=True)
class AligningRecognisers:
    """By language: those that have a part in its alignment; and what is said of those that can't be had."""

    found: Mapping[str, Brought]
    missing: Mapping[str, FailedItem]


def aligning_recognisers(workspace: Workspace) -> AligningRecognisers:
    """The recognisers that a project has time or check the words of a language. Raises StoreError, OSError."""
    found: dict[str, Brought] = {}
    missing: dict[str, FailedItem] = {}
    for language, recogniser in workspace.project.recognisers.items():
        if not recogniser.uses:
            continue
        try:
            with scratch_folder(workspace.scratch, "recogniser") as folder:
                name = fetch_model(workspace, recogniser, folder).name
        except RecogniserMissing as error:
            missing[language] = FailedItem(language, "recogniser_missing", str(error))
        else:
            found[language] = Brought(name, "align" if "align" in recogniser.uses else "check")
    return AligningRecognisers(found, missing)


def _fetch(workspace: Workspace, place: str, folder: Path, most: int) -> tuple[Path, str]:
    """The copy, and the hash of its bytes. place: below the configs folder, or an address in a store"""
    aside = folder / "arriving"
    if "://" in place:
        parent, _, name = place.rpartition("/")
        store = open_store(parent, workspace.s3)
        known = store.head(name)
        _check(place, None if known is None else known.size, most)
        try:
            store.fetch(name, aside)
        except NotStored:
            _check(place, None, most)
    else:
        path = workspace.configs / place
        _check(place, path.stat().st_size if path.is_file() else None, most)
        shutil.copyfile(path, aside)
    _check(place, aside.stat().st_size, most)  # it may have grown meanwhile
    with aside.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = folder / f"{digest}{Path(place).suffix}"
    aside.replace(kept)
    return kept, digest


def _check(place: str, size: int | None, most: int) -> None:
    if size is None:
        raise RecogniserMissing(
            f"there is no {place}, which the project names under `recognisers`.\n"
            "Put it there (below the configs folder, or into the store), or correct its name."
        )
    if size > most:
        raise RecogniserMissing(f"{place} has {size} bytes; at most {most} are read.\nBring a smaller model.")
