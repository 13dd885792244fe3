"""The secret that a person keeps in their head: six digits, or a passphrase. It counts on an enrolled device alone."""

import threading
import unicodedata
from datetime import datetime
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.tables import Secret
from portal.http.pages import _

PIN_DIGITS = 6
SHORTEST_PHRASE = 8
LONGEST = 200

# 75 ms of one core of a small server (measured), 46 MB while it lasts: OWASP's first choice of memory with twice
# its passes, since a PIN has few guesses to a stolen database.
_hasher = PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)
# Two at a time: a rush of sign-ins costs waiting, not 46 MB each.
_turns = threading.BoundedSemaphore(2)
# For people who have no secret, so that they take as long as those who have: the hash of something random, made with
# the numbers above (a test holds it to them). Made anew at each start it would cost every start 75 ms and 46 MB.
_NOBODYS = "$argon2id$v=19$m=47104,t=2,p=1$EhjvWWsW4D4Qv37dCccjiA$+u+0a1sPipRGJ8n2Nh6V0DGgIugBTLoQYrEMlGT5JiM"

COMMON_PINS = frozenset(
    {
        "112233", "123321", "123654", "147258", "159753", "258456", "321654", "456123", "789456", "987456",
        "100000", "200000", "112211", "123123", "147852", "963852", "159357", "741852", "852456", "786786",
        "102030", "010203", "110011", "007007", "420420", "911911",
    }
)  # fmt: skip
COMMON_PHRASES = frozenset(
    {
        "password", "password1", "passw0rd", "iloveyou", "qwertyui", "qwertyuiop", "qwerty123", "asdfghjkl",
        "abcd1234", "abc12345", "admin123", "welcome1", "welcome123", "india123", "india@123", "sunshine",
        "princess", "football", "changeme", "jaishreeram", "krishna123", "11223344", "1q2w3e4r", "computer",
    }
)  # fmt: skip


class WeakSecret(Exception):
    """Too easy to guess, too short, or not the same twice. The message is for people, in English as marked."""


def tidy(secret: str) -> str:
    """One form however it was typed: composed letters, and digits of any script as 0 to 9.

    >>> tidy("१२३४५६"), tidy(" a b ")
    ('123456', 'a b')
    """
    text = unicodedata.normalize("NFC", secret.strip())
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


def check_new(secret: str, again: str, *, handle: str) -> str:
    """The secret as it is kept, if it may be one. Raises WeakSecret."""
    chosen = tidy(secret)
    if chosen != tidy(again):
        raise WeakSecret(_("The two were not the same. Type them again."))
    is_pin = chosen.isdecimal() and len(chosen) == PIN_DIGITS
    if not is_pin and not SHORTEST_PHRASE <= len(chosen) <= LONGEST:
        raise WeakSecret(_("A PIN has 6 digits; a passphrase has 8 letters or more."))
    if _is_guessed_first(chosen) or chosen.casefold() == handle.casefold():
        raise WeakSecret(_("That is one of the first that a thief would try. Choose another."))
    return chosen


def hash_of(secret: str) -> str:
    """What the catalogue keeps. Takes 75 ms: outside every transaction."""
    with _turns:
        return _hasher.hash(tidy(secret))


def is_right(secret: str, kept: str | None) -> bool:
    """Whether that is the secret. Takes 75 ms, as long for a person who has none.

    kept: its hash; None where there is none
    """
    with _turns:
        try:
            _hasher.verify(kept or _NOBODYS, tidy(secret[: 2 * LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def kept_hash(session: Session, person_id: str) -> str | None:
    """The hash of a person's secret; None before they have one."""
    return session.scalar(select(Secret.hash).where(Secret.person_id == person_id))


def keep(session: Session, person_id: str, new_hash: str, *, now: datetime) -> None:
    """From now on this is that person's secret."""
    session.merge(Secret(person_id=person_id, hash=new_hash, set_at=now))
    session.flush()


def _is_guessed_first(secret: str) -> bool:
    """
    >>> [_is_guessed_first(each) for each in ("111111", "123456", "109876", "252525", "482913", "aaaaaaab")]
    [True, True, True, True, False, True]
    """
    if secret in COMMON_PINS or secret.casefold() in COMMON_PHRASES:
        return True
    # Steps from one letter to the next; among digits 9 to 0 is one step too.
    around = 10 if secret.isdecimal() else 0x110000
    steps = {(ord(after) - ord(before)) % around for before, after in pairwise(secret)}
    if len(steps) == 1 and steps & {0, 1, around - 1}:
        return True
    if any(secret == secret[:size] * (len(secret) // size) for size in (1, 2, 3)):
        return True
    return len(secret) > PIN_DIGITS and len(set(secret)) < 4
