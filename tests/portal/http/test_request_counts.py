"""Requests of every process of a portal, counted together."""

from pathlib import Path

from portal.http.request_counts import RequestCounts


def test_one_process_counts_its_own() -> None:
    counts = RequestCounts()
    counts.add(200, 0.5)
    counts.add(204, 0.25)
    counts.add(503, 1.0)

    totals = counts.totals()

    assert (totals.ended, totals.seconds) == ({"2xx": 2, "5xx": 1}, 1.75)


def test_each_process_tells_what_all_of_them_counted(tmp_path: Path) -> None:
    one, other = RequestCounts(tmp_path), RequestCounts(tmp_path)
    one.add(200, 1.0)
    other.add(200, 1.0)
    other.add(404, 0.5)

    assert one.totals() == other.totals()
    assert one.totals().ended == {"2xx": 2, "4xx": 1}


def test_what_a_process_counted_stays_when_it_ends(tmp_path: Path) -> None:
    ended = RequestCounts(tmp_path)
    ended.add(200, 1.0)
    del ended

    after = RequestCounts(tmp_path)
    after.add(302, 0.0)

    assert after.totals().ended == {"2xx": 1, "3xx": 1}
