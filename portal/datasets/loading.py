"""Code to copy: a version to the reader's machine, checked, and into the tools that train on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.http.pages import _
from releases.versions import Version, folder


@dataclass(frozen=True, slots=True)
class Snippet:
    """title: English, translated where it is shown; language: of the code, for whoever marks it up"""

    title: str
    language: str
    code: str


def store_address(store_url: str, dataset: str, version: str) -> str:
    """Where a version lies, as `boli release pull` and `verify` take it."""
    return f"{store_url.rstrip('/')}/{folder(dataset, version)}"


def reached_elsewhere(store_url: str) -> bool:
    """Whether whoever has its keys reaches a store from their own machine: a folder is the portal's alone."""
    return not store_url.startswith("file:")


def snippets(store_url: str, portal: str, version: Version) -> Sequence[Snippet]:
    """From an empty folder to a first row. portal: its address, through which every reader can fetch with a token"""
    name, number = version.commit.dataset, version.commit.version
    pull = f"boli release pull {portal}/datasets/{name}/{number} {name}"
    from_store = f"boli release pull {store_address(store_url, name, number)} {name}"
    splits = [split for split in ("train", "validation", "test") if _has(version, split)]
    split = splits[0] if splits else "train"
    return (
        Snippet(_("Fetch it, every byte compared"), "shell", f"export BOLI_TOKEN=boli_…\n{pull}"),
        *([Snippet("S3", "shell", from_store)] if reached_elsewhere(store_url) else []),
        Snippet(
            "Hugging Face datasets",
            "python",
            "from datasets import Audio, load_dataset\n\n"
            f'data = load_dataset("{name}")\n'
            'data = data.cast_column("audio", Audio(decode=False))  # bytes of FLAC: no torch needed\n'
            f'print(data["{split}"][0]["text"])',
        ),
        Snippet(
            "Lhotse",
            "python",
            f"# {pull} --for lhotse\n"
            "from lhotse import CutSet\n\n"
            f'cuts = CutSet.from_file("{name}/manifests/lhotse/cuts-{split}.jsonl.gz")\n'
            f'cuts = cuts.with_recording_path_prefix("{name}")\n'
            "print(cuts[0].supervisions[0].text)",
        ),
        Snippet(
            "NeMo",
            "yaml",
            f"# {pull} --for nemo\n"
            "# paths in it go from its own folder\n"
            f"model.train_ds.manifest_filepath: {name}/manifests/nemo/{split}.jsonl",
        ),
        Snippet(_("Check a copy"), "shell", f"cd {name} && sha256sum --check checksums.sha256"),
        Snippet("Python", "python", _without_boli(portal, name, number)),
    )


def _has(version: Version, split: str) -> bool:
    return any(file.path.startswith(f"data/{split}-") for file in version.files)


def _without_boli(portal: str, dataset: str, version: str) -> str:
    """It takes nothing away, so that it writes into a new folder alone."""
    return f'''\
# without Boli
import hashlib, json, os, pathlib, urllib.request

KEY = {{"Authorization": "Bearer " + os.environ["BOLI_TOKEN"]}}
FILES = "{portal}/api/v1/datasets/{dataset}/versions/{version}/files"

copy = pathlib.Path("{dataset}-{version}")
copy.mkdir()
cursor = ""
while cursor is not None:
    page = urllib.request.Request(f"{{FILES}}?limit=200&cursor={{cursor}}", headers=KEY)
    with urllib.request.urlopen(page) as answer:
        listed = json.load(answer)
    for file in listed["files"]:
        target = copy / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        urllib.request.urlretrieve(file["url"], target)
        assert hashlib.sha256(target.read_bytes()).hexdigest() == file["sha256"], file["path"]
    cursor = listed["next_cursor"]'''
