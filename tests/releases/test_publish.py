"""A release is whole or absent, and never changes."""

from releases.verify import verify
from tests.releases.conftest import House


def test_what_is_published_verifies_byte_by_byte(house: House) -> None:
    published = house.publish()

    report = verify(house.store, "tiny", published.version)

    assert report.problems == ()
    assert (report.rows, report.state) == (10, "whole")
    assert (published.version, published.outcome, published.clips) == ("1.0.0", "published", 10)
