"""The errors that a user may meet and can mend: their message is shown as it is, everything else with its trace."""

from audio.errors import SandboxUnavailable
from catalog.errors import UserError

__all__ = ["EXPECTED", "UserError", "is_expected"]

EXPECTED = (UserError, SandboxUnavailable)


def is_expected(error: BaseException) -> bool:
    """Whether a person can mend it: its message is shown alone.

    >>> is_expected(UserError("there is no project 'x'")), is_expected(KeyError("x"))
    (True, False)
    """
    return isinstance(error, EXPECTED)
