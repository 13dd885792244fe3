"""What every room's tests share: where the data is, and how hypothesis behaves."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

settings.register_profile(
    "boli", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("boli")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measured recordings that stands beside the checkout on our own machines."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of measured recordings (../shared/data) does not stand beside this clone")
    return SHARED_DATA


@pytest.fixture(scope="session")
def examples() -> Path:
    return REPOSITORY / "examples"
