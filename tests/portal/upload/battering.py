"""Files sent while connections break and hang, and the server is killed, at random offsets."""

import random
from dataclasses import dataclass, field

from tests.portal.upload.upload_portal import RawPatch, UploadPortal, noise, patch, recording, resume

KILLED, RESET, CLOSED = 0.04, 0.35, 0.7
"""Shares, added up, of what happens to a request; the rest hangs until the next one takes over."""


@dataclass(slots=True)
class Battered:
    """sent: bytes by name; wounds: requests that were broken; kills: of these, by kill -9 of the server"""

    sent: dict[str, bytes] = field(default_factory=dict)
    wounds: int = 0
    kills: int = 0


def batter(portal: UploadPortal, dice: random.Random, *, wounds: int) -> Battered:
    """Send file after file until there were so many wounds. Fails where a promised offset ever falls."""
    battered = Battered()
    while battered.wounds < wounds:
        number = len(battered.sent)
        name = f"battered-{number}.amr"
        body = battered.sent[name] = noise(dice.randrange(1, 900_000), seed=number)
        location = portal.create(len(body), recording(name))
        offset = 0
        with portal.client() as client:
            for _ in range(dice.randrange(4, 12)):
                upload = RawPatch(portal.port, location, offset, len(body) - offset)
                _wound(portal, dice, upload, body[offset : offset + dice.randrange(1, 200_000)], battered)
                before, offset = offset, resume(client, location)
                assert offset >= before, f"{before} bytes were promised, now {offset}"
                if offset == len(body):
                    break
            while (answer := patch(client, location, offset, body[offset:])).status_code in (409, 423):
                offset = resume(client, location)  # a request that was given up came after the question
            assert answer.status_code == 204 and answer.headers["Boli-Receipt"], answer.text
    return battered


def _wound(
    portal: UploadPortal, dice: random.Random, upload: RawPatch, piece: bytes, battered: Battered
) -> None:
    upload.send(piece)
    battered.wounds += 1
    kind = dice.random()
    if kind < KILLED:
        portal.kill()
        portal.start()
        battered.kills += 1
    elif kind < RESET:
        upload.reset()
    elif kind < CLOSED:
        upload.close()
