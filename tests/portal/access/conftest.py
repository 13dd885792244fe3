"""A portal at which browsers keep passkeys, and a device that holds some."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.context import PortalContext
from tests.portal.access.authenticator import Authenticator
from tests.portal.access.passkey_site import ADDRESS


class MovedClock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def moved_clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def site(portal: PortalContext, moved_clock: MovedClock) -> PortalContext:
    """The portal under a name, over https."""
    return replace(portal, address=ADDRESS, clock=moved_clock)


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ADDRESS)
