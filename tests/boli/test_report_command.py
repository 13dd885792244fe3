"""`boli report`: any project and any days as one file that needs nothing beside it."""

from pathlib import Path

import pytest

from boli.serve.portal_context import open_portal_context
from catalog.config.settings import Settings
from tests.boli.conftest import Boli
from tests.releases.conftest import Archive as Shelf
from tests.releases.conftest import fill


@pytest.fixture
def published(tmp_path: Path) -> None:
    """The dataset `tiny` of the home's project."""
    with open_portal_context(Settings(home=tmp_path / "home", workers=1)) as opened:
        shelf = Shelf(opened.catalog, opened.store, tmp_path / "scratch")
        fill(shelf)
        shelf.publish()


def test_the_report_is_one_file_that_asks_nothing_of_the_network(
    boli: Boli, published: None, tmp_path: Path
) -> None:
    said = boli("report", tmp_path / "report.html", "--from", "2020-01-01")

    page = (tmp_path / "report.html").read_text("utf-8")
    assert said.status == 0 and "report.html" in said.out
    assert "default-src 'none'" in page and "boli release pull tiny@1.0.0" in page
    assert 'src="http' not in page and 'href="http' not in page


def test_days_that_make_no_span_are_refused_with_the_mend(boli: Boli, tmp_path: Path) -> None:
    said = boli("report", tmp_path / "report.html", "--from", "2026-12-01", "--to", "2026-11-01")

    assert said.status != 0 and "Swap the two days." in said.err
    assert not (tmp_path / "report.html").exists()
