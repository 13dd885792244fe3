"""Which catalogue and which store: the same for all who look, another for every copy."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from catalog.backup.move import move_objects, move_rows
from catalog.database import open_catalog
from catalog.identity import catalog_id, store_id
from catalog.store import open_store
from tests.catalog.conftest import NOON


def test_whoever_asks_first_makes_it_and_all_others_read_the_same(catalog, catalog_url):
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: catalog_id(catalog, at=NOON), range(4)))

    other = open_catalog(catalog_url)
    assert found == {catalog_id(other, at=NOON)}
    other.close()


def test_a_catalogue_that_was_moved_is_another(catalog, tmp_path: Path):
    here = catalog_id(catalog, at=NOON)
    there = open_catalog(f"sqlite:///{tmp_path / 'moved.sqlite'}")

    move_rows(catalog, there, scratch=tmp_path)

    assert catalog_id(there, at=NOON) != here
    assert move_rows(catalog, there, scratch=tmp_path) > 0  # and is still known to hold the same rows
    there.close()


def test_a_store_says_the_same_to_all_and_a_copy_of_it_something_else(tmp_path: Path):
    address = (tmp_path / "store").as_uri()
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: store_id(open_store(address)), range(4)))
    moved = open_store((tmp_path / "moved").as_uri())
    open_store(address).put_bytes("recordings/a.mp3", b"sound")

    move_objects(open_store(address), moved, scratch=tmp_path)

    assert len(found) == 1
    assert [each.key for each in moved.list()] == ["recordings/a.mp3"]
    assert store_id(moved) not in found
