"""A version to a hub that speaks Hugging Face's protocol: huggingface.co, or a mirror by its address.

A hub keeps every file it was ever given. What a speaker takes back must leave it too, so a hub holds one version at a
time, without the ones before: what the version lacks is taken out, history is squashed, and what no file names any more
is destroyed in the hub's store.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from releases.local_copy import LOCK, STATE

if TYPE_CHECKING:
    from huggingface_hub import HfApi

HUB = "https://huggingface.co"
KIND = "dataset"
OURS = (STATE, LOCK)
"""Notes of `pull` in a copy, which are no part of a version."""


class HubRefused(RuntimeError):
    """The hub did not take it: what it said, and the mend."""


class NoHubClient(RuntimeError):
    """huggingface_hub is not installed here."""


@dataclass(frozen=True, slots=True)
class PushedToHub:
    """url: of the dataset's page; destroyed: files of versions before that the hub keeps no more"""

    url: str
    revision: str
    files: int
    destroyed: int


def push_hub(
    copy: Path, *, label: str, repository: str, token: str, hub: str = HUB, private: bool = True
) -> PushedToHub:
    """Bring a pulled copy of a version to a hub, as all that its repository holds.

    label:      as voices@1.0.0, for the hub's log
    repository: owner/name; made if there is none
    private:    of a new one; one that is there stays as it is
    Pushing the same again changes nothing. Raises NoHubClient, HubRefused.
    """
    with _client(hub, token) as api:
        from huggingface_hub.hf_api import RepoFile

        page = api.create_repo(repository, repo_type=KIND, private=private, exist_ok=True)
        done = api.upload_folder(
            repo_id=repository,
            repo_type=KIND,
            folder_path=copy,
            commit_message=label,
            ignore_patterns=list(OURS),
            delete_patterns=["*"],  # of what is there, the files that the copy has not
        )
        api.super_squash_history(repository, repo_type=KIND, commit_message=label)
        there = api.list_repo_tree(repository, repo_type=KIND, recursive=True)
        kept = {entry.lfs.sha256 for entry in there if isinstance(entry, RepoFile) and entry.lfs}
        gone = [file for file in api.list_lfs_files(repository, repo_type=KIND) if file.file_oid not in kept]
        if gone:
            api.permanently_delete_lfs_files(repository, gone, repo_type=KIND)
    files = sum(path.is_file() and path.name not in OURS for path in copy.rglob("*"))
    return PushedToHub(str(page), done.oid, files, len(gone))


@contextmanager
def _client(hub: str, token: str) -> Iterator["HfApi"]:
    try:
        from huggingface_hub import HfApi, constants
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise NoHubClient(
            "huggingface_hub is not installed. Install it beside Boli: pip install huggingface_hub."
        ) from error
    if hub.rstrip("/") != HUB:
        # A mirror takes large files by Git LFS; the client has no other switch to leave the hub's own store alone.
        constants.HF_HUB_DISABLE_XET = True
    try:
        yield HfApi(endpoint=hub.rstrip("/"), token=token)
    except HfHubHTTPError as error:
        raise HubRefused(
            f"{hub} refused: {error}\nLook whether the token may write there, and push again: nothing is done twice."
        ) from error
