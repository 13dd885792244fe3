"""Room on this machine's disk: how much there is, and below how much somebody should look."""

import shutil

from catalog.config.settings import Settings, make_home

LEAST_FREE_GB = 2.0


def free_gb(settings: Settings) -> float:
    """In the home folder, in GB."""
    return shutil.disk_usage(make_home(settings)).free / 1e9
