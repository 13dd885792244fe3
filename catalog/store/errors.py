"""What can go wrong with a store, by what the reader has to do about it."""

from catalog.errors import UserError


class StoreError(UserError):
    """Something about a store: the classes below say what."""


class NotStored(StoreError):
    """There is no object under the key."""


class AlreadyExists(StoreError):
    """Somebody else has created the object first; what they wrote stands."""


class Damaged(StoreError):
    """The bytes are not those that the SHA-256 speaks of."""


class TooLarge(StoreError):
    """The object is larger than the reader was prepared to hold."""


class StoreUnavailable(StoreError):
    """The store doesn't answer; the same command, later, goes on where it stopped."""


class StoreFull(StoreError):
    """The store has no room left."""


class StoreRefused(StoreError):
    """The store answers, and says no: credentials, rights or the bucket's name."""


class UnsafeStore(StoreError):
    """The store doesn't keep its word on conditional creates: nothing may be published to it."""


class InvalidAddress(StoreError, ValueError):
    """Not the address of a store."""


class InvalidKey(StoreError, ValueError):
    """Not a name that every store can hold."""
