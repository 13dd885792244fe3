"""How a store is reached, beside its address."""

from dataclasses import dataclass, field

from catalog.store.errors import InvalidAddress


@dataclass(frozen=True, slots=True)
class S3Options:
    """How to reach an S3 store. What is None is left to boto3's own chain (profile, role, region).

    endpoint:        address of a server that isn't Amazon's
    attempts:        how often one request is made in all
    connect_timeout: seconds
    read_timeout:    seconds without a byte

    A server that says nothing is given up after `attempts` times `read_timeout` and a few seconds between them; after
    twice that where what was begun must be looked at or taken back.
    """

    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    attempts: int = 5
    connect_timeout: float = 5.0
    read_timeout: float = 60.0

    def __post_init__(self) -> None:
        if (self.access_key is None) != (self.secret_key is None):
            raise InvalidAddress("an S3 access key and its secret key come together, given only one of them")
