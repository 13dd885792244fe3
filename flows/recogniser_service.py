"""A recogniser elsewhere: any service that hears speech as OpenAI's does, `POST …/v1/audio/transcriptions`.

Address and key are the operator's (BOLI_RECOGNISER_URL, BOLI_RECOGNISER_KEY), never a project's: who may change a
project's file must not choose where voices and keys are sent.
"""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.config.settings import Settings
from catalog.errors import UserError

if TYPE_CHECKING:
    import httpx

SECONDS = 120.0
MOST_SENT = 24 * 2**20
"""Bytes of sound; OpenAI takes 25 MB a request."""
MOST_RECEIVED = 2**20
PATH = "/v1/audio/transcriptions"


class ServiceUnavailable(UserError):
    """The service gave no answer, or asks for patience or another key; a later run tries again."""


class ServiceRefused(UserError):
    """The service does not take this clip."""


@dataclass(frozen=True, slots=True)
class RecogniserService:
    """url: with the path of its transcriptions; key: sent as a bearer token, None where it wants none"""

    url: str
    key: str | None = field(default=None, repr=False)

    def hear(self, path: Path, *, model: str, language: str) -> str:
        """What is said in a file of sound.

        language: ISO 639-1 or -3
        Raises ServiceUnavailable, ServiceRefused, OSError.
        """
        import httpx  # here: every command opens a workspace, and hardly one asks a service

        size = path.stat().st_size
        if size > MOST_SENT:
            raise ServiceRefused(
                f"{path.name} has {size} bytes; a service is sent at most {MOST_SENT}. Cut shorter clips."
            )
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        fields = {"model": model, "language": language, "response_format": "json", "temperature": "0"}
        try:
            with (
                httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
                path.open("rb") as sound,
                client.stream(
                    "POST",
                    self.url,
                    headers=headers,
                    data=fields,
                    files={"file": ("clip.flac", sound, "audio/flac")},
                ) as answer,
            ):
                body = _bounded(answer)
        except httpx.HTTPError as error:
            raise ServiceUnavailable(
                f"{self.url} can't be reached ({type(error).__name__}: {error}). Check BOLI_RECOGNISER_URL."
            ) from error
        if answer.status_code != HTTPStatus.OK:
            self._refuse(answer.status_code, body)
        return _text(self.url, body)

    def _refuse(self, code: int, body: bytes) -> None:
        said = body[:300].decode(errors="replace")
        if code in (400, 413, 415, 422):
            raise ServiceRefused(f"{self.url} does not take this clip (HTTP {code}): {said}")
        raise ServiceUnavailable(
            f"{self.url} answers HTTP {code}: {said}. Check BOLI_RECOGNISER_URL and BOLI_RECOGNISER_KEY."
        )


def recogniser_service(settings: Settings) -> RecogniserService | None:
    """The service that the settings name; None where they name none."""
    if settings.recogniser_url is None:
        return None
    url = settings.recogniser_url.rstrip("/")
    key = settings.recogniser_key.get_secret_value() if settings.recogniser_key else None
    return RecogniserService(url if url.endswith("/audio/transcriptions") else f"{url}{PATH}", key)


def _bounded(answer: "httpx.Response") -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > MOST_RECEIVED:
            raise ServiceUnavailable(f"{answer.url} sends more than {MOST_RECEIVED} bytes for one clip.")
    return bytes(body)


def _text(url: str, body: bytes) -> str:
    try:
        text = json.loads(body)["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str):
        raise ServiceUnavailable(
            f'{url} answers something else than {{"text": …}}. Is it the address of transcriptions?'
        )
    return text
