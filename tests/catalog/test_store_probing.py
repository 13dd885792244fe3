"""The probe: which stores may be published to."""

from itertools import count
from pathlib import Path

import pytest

from catalog.store import ObjectStore, S3Options, UnsafeStore, open_store, probe, probed_beside
from tests.releases.stores import Careless
from tests.waiting import until


def test_a_folder_keeps_its_word(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())

    report = probe(store, rounds=20, writers=8)

    assert (report.rounds, report.writers) == (20, 8)
    assert list(store.list()) == []


def test_a_real_s3_server_keeps_its_word(s3_store_url: str, s3_options: S3Options) -> None:
    store: ObjectStore = open_store(s3_store_url, s3_options)

    report = probe(store)

    assert (report.rounds, report.writers) == (3, 4)
    assert list(store.list()) == []


@pytest.mark.parametrize(("budget", "rounds"), [(50.0, 1), (250.0, 3), (1e6, 5)])
def test_no_round_begins_after_the_time_is_up(tmp_path: Path, budget: float, rounds: int) -> None:
    hundreds = count(step=100)  # a clock that moves 100 s at each look

    report = probe(
        open_store(tmp_path.as_uri()), rounds=5, seconds=budget, clock=lambda: float(next(hundreds))
    )

    assert report.rounds == rounds


def test_work_beside_a_probe_goes_on_while_the_store_keeps_its_word(tmp_path: Path) -> None:
    store = open_store((tmp_path / "store").as_uri())

    with probed_beside(store) as raise_if_failed:
        store.put_bytes("clip", b"sound")
        raise_if_failed()

    assert [each.key for each in store.list()] == ["clip"]


def test_work_beside_a_probe_is_stopped_as_soon_as_the_store_has_failed(tmp_path: Path) -> None:
    careless: ObjectStore = Careless(open_store((tmp_path / "store").as_uri()))  # type: ignore[assignment]

    with pytest.raises(UnsafeStore), probed_beside(careless) as raise_if_failed:
        until(raise_if_failed)


def test_work_that_never_asks_learns_at_its_end_that_the_store_has_failed(tmp_path: Path) -> None:
    careless: ObjectStore = Careless(open_store((tmp_path / "store").as_uri()))  # type: ignore[assignment]

    with pytest.raises(UnsafeStore), probed_beside(careless):
        careless.put_bytes("clip", b"sound")
