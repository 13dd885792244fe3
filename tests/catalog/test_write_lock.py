"""The line of SQLite's writers: one at a time, nobody forgotten, nothing left behind by whoever is killed."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from catalog.write_lock import ThreadLine, TurnNeverCame, WriteTurn
from tests.waiting import soon

SPAWN = multiprocessing.get_context("spawn")


def hold(file: Path, taken: Event) -> None:
    with WriteTurn(file, 10.0).taken():
        taken.set()
        time.sleep(60)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def is_free(file: Path) -> bool:
    try:
        with WriteTurn(file, 0.0).taken():
            return True
    except TurnNeverCame:
        return False


def test_threads_write_one_at_a_time(tmp_path: Path) -> None:
    turn = WriteTurn(tmp_path / "db.writer", 30.0)
    inside, most, count = 0, 0, 0

    def write() -> None:
        nonlocal inside, most, count
        for _ in range(20):
            with turn.taken():
                inside += 1
                most = max(most, inside)
                before = count
                time.sleep(0.0002)
                count = before + 1
                inside -= 1

    threads = [threading.Thread(target=write) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most, count) == (1, 240)


def test_threads_come_in_the_order_of_asking(tmp_path: Path) -> None:
    turn, came, asked = WriteTurn(tmp_path / "db.writer", 600.0), [], []

    def write(number: int) -> None:
        asked.append(number)
        with turn.taken():
            came.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with turn.taken():
        for number, thread in enumerate(threads):
            thread.start()
            assert soon(lambda: len(asked) == number + 1 and len(turn._threads._waiting) == number + 1)  # noqa: B023
    for thread in threads:
        thread.join()

    assert came == list(range(8))


def test_a_thread_that_gave_up_holds_up_nobody_behind_it() -> None:
    line = ThreadLine()
    assert line.enter(0.0)

    assert not line.enter(0.01)
    line.leave()

    assert line.enter(0.0)


def test_whoever_is_killed_leaves_the_turn_to_the_next(tmp_path: Path) -> None:
    taken = SPAWN.Event()
    holder = SPAWN.Process(target=hold, args=(tmp_path / "db.writer", taken))
    holder.start()
    assert taken.wait(30) and not is_free(tmp_path / "db.writer")

    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join()

    assert is_free(tmp_path / "db.writer")


def test_a_child_that_was_forked_meanwhile_keeps_no_turn(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with WriteTurn(tmp_path / "db.writer", 1.0).taken():
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)  # till its parent is done
            os._exit(0)

    free = is_free(tmp_path / "db.writer")

    os.close(writing)
    os.waitpid(child, 0)
    os.close(reading)
    assert free


def test_who_gives_up_waiting_takes_no_turn_later(tmp_path: Path) -> None:
    file = tmp_path / "db.writer"
    opened = open_files()
    with WriteTurn(file, 10.0).taken():
        for _ in range(5):
            with pytest.raises(TurnNeverCame), WriteTurn(file, 0.01).taken():
                raise AssertionError("two at once")

    with WriteTurn(file, 10.0).taken():  # behind the five, whose threads give theirs up
        pass

    for thread in threading.enumerate():
        if thread.name == "write turn":
            thread.join(10)
    assert is_free(file) and open_files() == opened


def test_an_error_while_writing_ends_the_turn(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), WriteTurn(tmp_path / "db.writer", 1.0).taken():
        raise RuntimeError

    assert is_free(tmp_path / "db.writer")
