"""The errors that a user may meet and can mend: their message is shown as it is, everything else with its trace."""

from audio.errors import SandboxUnavailable
from catalog.errors import UserError

__all__ = ["EXPECTED", "UserError"]

EXPECTED = (UserError, SandboxUnavailable)
