import pytest

from bench.queue_contention import fight
from bench.queue_ground import bench_project, fill, open_project_context


@pytest.mark.slow
def test_eight_processes_of_which_some_are_killed_never_share_or_lose_a_slot(catalog_url: str) -> None:
    project = bench_project(transcribers=2, lease_minutes=2, heartbeat_minutes=1)
    context = open_project_context(catalog_url, project)
    people = fill(context, clips=8, people=10)
    context.catalog.close()

    found = fight(catalog_url, project, people, processes=8, claims=60, kill_every=0.3, seed=1)

    assert found.doubles == () and found.lost == ()
    assert found.claims >= 60 and found.finals == 16
