"""The description that a sender gives of the file: read from Upload-Metadata before the first byte comes."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.states import TransferPurpose
from portal.upload.protocol import UploadRefused, value

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PROMPT = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ENDING = re.compile(r"[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Description:
    """name: the file's own, without folders; sha256: of the whole file, where the sender reckoned it;
    speaker: a pseudonym; prompt: set/prompt, as in configs/prompts
    """

    purpose: TransferPurpose
    name: str
    language: str | None
    speaker: str | None
    prompt: str | None
    sha256: str | None

    @property
    def ending(self) -> str:
        """Of the name, in lower case; `bin` where it has no plain one.

        >>> Description(TransferPurpose.CONSENT, "A.Yes.JPG", None, None, None, None).ending
        'jpg'
        """
        ending = self.name.rpartition(".")[2].lower() if "." in self.name else ""
        return ending if _ENDING.fullmatch(ending) else "bin"


def describe(pairs: Mapping[str, str], *, name_letters: int) -> Description:
    """Read the pairs of Upload-Metadata; keys that mean nothing here are let be. Raises UploadRefused.

    purpose (recording, consent), filename or name, language, speaker, prompt, sha256 (hexadecimal)
    """
    purpose = value(pairs, "purpose") or TransferPurpose.RECORDING.value
    if purpose not in set(TransferPurpose):
        kinds = ", ".join(TransferPurpose)
        raise UploadRefused(400, "unknown_purpose", f"`purpose` is one of {kinds}, given: {purpose[:40]!r}.")
    sha256 = value(pairs, "sha256")
    if sha256 is not None and not _DIGEST.fullmatch(sha256):
        raise UploadRefused(400, "malformed_sha256", "`sha256` is 64 hexadecimal digits in lower case.")
    prompt = value(pairs, "prompt")
    if prompt is not None and not _PROMPT.fullmatch(prompt):
        raise UploadRefused(400, "malformed_prompt", f"`prompt` is set/prompt, given: {prompt[:40]!r}.")
    return Description(
        purpose=TransferPurpose(purpose),
        name=_name(value(pairs, "filename") or value(pairs, "name"), name_letters),
        language=value(pairs, "language"),
        speaker=value(pairs, "speaker"),
        prompt=prompt,
        sha256=sha256,
    )


def _name(given: str | None, letters: int) -> str:
    """The last part of a path, without letters that turn a page around, short enough to read out.

    Mended, not refused: a recording is not lost for the name that a phone gave it.
    """
    last = unicodedata.normalize("NFC", given or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in last if not _is_unprintable(letter)).strip() or "unnamed"
    if len(name) <= letters:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 8:
        return name[:letters]
    return stem[: letters - len(ending) - 1] + dot + ending


def _is_unprintable(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") or letter in _TURNING
