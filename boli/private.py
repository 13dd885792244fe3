"""What our programs write on this machine is for the user that runs them alone."""

import os

UMASK = 0o077
"""No rights for the group and for others."""


def write_privately() -> None:
    """Have it so for whatever this process, and those that it starts, write from now on."""
    os.umask(UMASK)
