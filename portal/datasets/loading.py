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


def snippets(store_url: str, portal: str, version: Version) -> Sequence[Snippet]:
    """portal: its address, for those who can't reach the store themselves"""
    name, number = version.commit.dataset, version.commit.version
    place = f"{name}-{number}"
    splits = [split for split in ("train", "validation", "test") if _has(version, split)]
    split = splits[0] if splits else "train"
    return (
        Snippet(
            _("Fetch it, every byte compared"),
            "shell",
            f"boli release pull {store_address(store_url, name, number)} {place}",
        ),
        Snippet(_("Fetch it through this portal"), "python", _through_portal(portal, name, number, place)),
        Snippet(_("Check a copy"), "shell", f"cd {place} && sha256sum --check checksums.sha256"),
        Snippet(
            "Hugging Face datasets",
            "python",
            "from datasets import Audio, load_dataset\n\n"
            f'data = load_dataset("{place}")\n'
            'data = data.cast_column("audio", Audio(decode=False))  # bytes of FLAC: no torch needed\n'
            f'print(data["{split}"][0]["text"])',
        ),
        Snippet(
            "Lhotse",
            "python",
            f"# boli release pull {store_address(store_url, name, number)} {place} --for lhotse\n"
            "from lhotse import CutSet\n\n"
            f'cuts = CutSet.from_file("{place}/manifests/lhotse/cuts-{split}.jsonl.gz")\n'
            f'cuts = cuts.with_recording_path_prefix("{place}")\n'
            "print(cuts[0].supervisions[0].text)",
        ),
        Snippet(
            "NeMo",
            "yaml",
            f"# boli release pull {store_address(store_url, name, number)} {place} --for nemo\n"
            "# paths in it go from its own folder\n"
            f"model.train_ds.manifest_filepath: {place}/manifests/nemo/{split}.jsonl",
        ),
    )


def _has(version: Version, split: str) -> bool:
    return any(file.path.startswith(f"data/{split}-") for file in version.files)


def _through_portal(portal: str, dataset: str, version: str, place: str) -> str:
    return f'''\
import hashlib, json, os, pathlib, urllib.request

KEY = {{"Authorization": "Bearer " + os.environ["PORTAL_TOKEN"]}}
FILES = "{portal}/api/v1/datasets/{dataset}/versions/{version}/files"

cursor = ""
while cursor is not None:
    page = urllib.request.Request(f"{{FILES}}?limit=200&cursor={{cursor}}", headers=KEY)
    with urllib.request.urlopen(page) as answer:
        listed = json.load(answer)
    for file in listed["files"]:
        target = pathlib.Path("{place}", file["path"])
        target.parent.mkdir(parents=True, exist_ok=True)
        urllib.request.urlretrieve(file["url"], target)
        assert hashlib.sha256(target.read_bytes()).hexdigest() == file["sha256"], file["path"]
    cursor = listed["next_cursor"]'''
