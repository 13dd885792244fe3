"""Publishers that are killed or race each other leave whole versions, in order, or none."""

import os
import random
import signal
import traceback
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.config.release_rules import ReleaseRules
from catalog.database import open_catalog
from catalog.store import ObjectStore
from releases.verify import verify
from releases.versions import commits
from tests.releases.conftest import Archive
from tests.releases.stores import Through, everything, tiny_archive
from tests.waiting import until

KILLS = 20


class DeadlyAtAnyCall(Through):
    """A store in whose hands its process dies before its so many-th call, whichever that is: reading counts too."""

    def __init__(self, store: ObjectStore, calls: int) -> None:
        super().__init__(store)
        self._left = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if callable(found):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return found


def in_a_process(archive: Archive, act: Callable[[Archive], object]) -> int:
    """Do it in a process of its own, with its own connections to the catalogue and the store; returns its id."""
    url = archive.catalog.engine.url.render_as_string(hide_password=False)
    archive.catalog.close()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            store = copy(archive.store)  # opened anew: processes can't share a connection
            own = replace(archive, catalog=open_catalog(url), store=store)
            act(replace(own, scratch=archive.scratch / str(os.getpid())))
            status = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(status)
    return child


@pytest.mark.slow
def test_twenty_kills_at_any_moment_of_publishing_leave_whole_versions_or_none(
    make_archive: Callable[..., Archive], tmp_path: Path
) -> None:
    archive = tiny_archive(make_archive, tmp_path)
    chance = random.Random(12)
    killed = 0
    while killed < KILLS:
        calls = chance.randint(1, 40)
        child = in_a_process(
            archive,
            lambda doomed: replace(doomed, store=DeadlyAtAnyCall(doomed.store, calls)).publish(),  # noqa: B023
        )
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        there = commits(archive.store, "tiny")
        assert [each.parent for each in there] == [None, *(each.version for each in there)][: len(there)]
        assert all(verify(archive.store, "tiny", each.version, level="sounds").ok for each in there)
        if len(there) > killed // 5:  # a version came whole: there is something new to publish
            archive.add_recording("te-01", clips=1)

    published = archive.publish()

    assert verify(archive.store, "tiny", published.version, level="sounds").ok
    whole = everything(archive.store, "datasets/tiny/versions/")
    assert archive.publish().outcome == "unchanged"
    assert everything(archive.store, "datasets/tiny/versions/") == whole


@pytest.mark.slow
def test_two_publishers_of_different_clips_in_two_processes_leave_two_versions_in_order(
    either_archive: Archive, tmp_path: Path
) -> None:
    archive = either_archive
    start = tmp_path / "start"

    def publisher(which: Archive) -> object:
        until(start.exists)
        return which.publish()

    other = replace(archive, release=ReleaseRules(name="tiny", licence="MIT", min_speakers=3))
    children = [in_a_process(each, publisher) for each in (archive, other)]
    start.touch()

    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    there = commits(archive.store, "tiny")
    assert [each.parent for each in there] == [None, there[0].version]  # a number that was lost is left out
    assert sorted(each.clips for each in there) == [8, 10]
    assert all(verify(archive.store, "tiny", each.version, level="sounds").ok for each in there)
