"""Store keys: where each thing lies in the store: the same names in a folder and on S3."""

import re

DIGEST = re.compile(r"[0-9a-f]{64}")
EXTENSION = re.compile(r"[a-z0-9]{1,8}")
PARTIAL_FOLDER = "arriving"
PARTIAL_ENDING = ".part"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def landing_key(upload_id: str) -> str:
    """A file as it was received.

    >>> landing_key("01J9ZQ")
    'landing/01J9ZQ'
    """
    return f"landing/{_name(upload_id)}"


def recording_key(sha256: str, extension: str) -> str:
    """An original, named by its bytes.

    >>> recording_key("ab" * 32, "m4a")[-10:]
    'ababab.m4a'
    """
    return f"recordings/{_by_content(sha256, extension)}"


def consent_key(sha256: str, extension: str) -> str:
    """A spoken or photographed consent, named by its bytes.

    >>> consent_key("ab" * 32, "jpg")[:12]
    'consents/aba'
    """
    return f"consents/{_by_content(sha256, extension)}"


def notice_key(sha256: str) -> str:
    """A consent notice as it is heard, named by its bytes; a question after it, named by its words and voice.

    >>> notice_key("ab" * 32)[:12]
    'notices/abab'
    """
    return f"notices/{_by_content(sha256, 'ogg')}"


def aligner_key(project: str, sha256: str) -> str:
    """A model that aligns words, named by its bytes.

    >>> aligner_key("field", "ab" * 32)[:18]
    'aligners/field/aba'
    """
    return f"aligners/{_name(project)}/{_by_content(sha256, 'npz')}"


def clips_prefix(recording: str) -> str:
    """What the keys of all renditions of a recording begin with.

    >>> clip_key("7QK", "7QK-21").startswith(clips_prefix("7QK"))
    True
    """
    return f"clips/{_name(recording)}/"


def clip_key(recording: str, clip: str) -> str:
    """The untouched cut.

    >>> clip_key("7QK", "7QK-21")
    'clips/7QK/7QK-21.flac'
    """
    return f"clips/{_name(recording)}/{_name(clip)}.flac"


def clean_key(recording: str, clip: str) -> str:
    """The cleaned rendition beside the cut."""
    return f"clips/{_name(recording)}/{_name(clip)}.clean.flac"


def preview_key(recording: str, clip: str) -> str:
    """The small rendition for the screen."""
    return f"clips/{_name(recording)}/{_name(clip)}.preview.opus"


def peaks_key(recording: str, clip: str) -> str:
    """The drawn waveform beside the preview."""
    return f"clips/{_name(recording)}/{_name(clip)}.peaks.json"


def partial_upload_name(transfer: str) -> str:
    """A file on its way, in the portal's own folder and not in the store.

    >>> partial_upload_name("transfer-1")
    'transfer-1.part'
    """
    return f"{_name(transfer)}{PARTIAL_ENDING}"


def store_id_key() -> str:
    """The store's own id."""
    return "installation/store-id"


def version_key(dataset: str, version: str) -> str:
    """The commit point of a dataset's version: it exists, or the version doesn't."""
    return f"datasets/{_name(dataset)}/versions/{_name(version)}.json"


def part_key(dataset: str, sha256: str) -> str:
    """Rows of a dataset with their sound, named by their bytes and shared by the versions that hold them.

    >>> part_key("telugu", "ab" * 32)[:29]
    'datasets/telugu/parts/abababa'
    """
    return f"datasets/{_name(dataset)}/parts/{_by_content(sha256, 'parquet')}"


def dataset_key(dataset: str, version: str, path: str) -> str:
    """A file of a dataset's version; `path` is relative, with slashes.

    >>> dataset_key("telugu", "1.0.0", "README.md")
    'datasets/telugu/1.0.0/README.md'
    """
    if version == "versions":
        raise ValueError("no version is called 'versions': its commit points live there")
    names = [_name(each) for each in path.split("/")]
    return "/".join(["datasets", _name(dataset), _name(version), *names])


def withdrawn_key(dataset: str) -> str:
    """What consumers must drop, for every past version."""
    return f"datasets/{_name(dataset)}/withdrawn.jsonl"


def _by_content(sha256: str, extension: str) -> str:
    if not DIGEST.fullmatch(sha256):
        raise ValueError(f"a SHA-256 is 64 hexadecimal digits in lower case, given: {sha256!r}")
    if not EXTENSION.fullmatch(extension):
        raise ValueError(f"a file's ending is 1 to 8 letters or digits in lower case, given: {extension!r}")
    return f"{sha256}.{extension}"


def _name(given: str) -> str:
    if not NAME.fullmatch(given):
        raise ValueError(
            f"a name in a key is up to 100 letters, digits, '.', '_' or '-', and starts with a letter or digit, "
            f"given: {given!r}"
        )
    return given
