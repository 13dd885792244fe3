"""Sending one push message to one browser."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from catalog.push_key import push_key, url_bytes
from catalog.tables import PushSubscription
from flows.news_channels import NewsChannels
from flows.posting import NotPosted, post_to_endpoint
from flows.push.encryption import SALT_BYTES, encrypt
from flows.push.sender_token import authorization
from transcription.news.endpoints import RefusedEndpoint, checked_endpoint

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_GONE = (404, 410)  # RFC 8030, 7.3


class PushOutcome(StrEnum):
    """What became of a push message. GONE: no browser is behind that endpoint any more"""

    TAKEN = "taken"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PushResult:
    """why: of a failure; repeats no endpoint, since who has one may wake that browser"""

    outcome: PushOutcome
    why: str = ""


def send_push(
    channels: NewsChannels,
    subscription: PushSubscription,
    payload: Mapping[str, object],
    *,
    topic: str,
    lasts: timedelta,
    now: datetime,
) -> PushResult:
    """Encrypt a message for a browser and hand it over to its push service.

    topic: one that waits there under the same is replaced (RFC 8030, 5.4); lasts: how long the service keeps it
    """
    assert channels.key is not None
    try:
        endpoint = checked_endpoint(subscription.endpoint, channels.services)
        body = encrypt(
            json.dumps(payload, ensure_ascii=False).encode(),
            browser_key=url_bytes(subscription.p256dh),
            secret=url_bytes(subscription.auth),
            sender=_key_of_one_message(),
            salt=os.urandom(SALT_BYTES),
        )
        headers = {
            "Authorization": authorization(
                push_key(channels.key), audience=endpoint.origin, contact=channels.contact, now=now
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(lasts.total_seconds())),
            "Topic": topic,
            "Urgency": "normal",
        }
        status = post_to_endpoint(endpoint, body, headers)
    except (
        NotPosted,
        RefusedEndpoint,
        ValueError,
    ) as error:  # ValueError: a key that is none, a message too long
        return PushResult(PushOutcome.FAILED, str(error).splitlines()[0])
    if status in _GONE:
        return PushResult(PushOutcome.GONE, "the browser is gone")
    if 200 <= status < 300:
        return PushResult(PushOutcome.TAKEN)
    return PushResult(PushOutcome.FAILED, f"{endpoint.host} answered {status}")


def _key_of_one_message() -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())
