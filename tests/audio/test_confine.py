"""A decoder in the hands of a file gets nowhere: each attack is run from inside a real child."""

import ctypes
import errno
import sys
from pathlib import Path

import pytest

from audio.confine.landlock import landlock_version
from audio.confine.report import Confinement, confinement
from audio.limits import Limits
from audio.sandbox import Sandbox
from tests.audio import attacks

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's layers are Linux's")
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
REFUSED = {errno.EACCES, errno.EPERM, errno.ENOSYS}
closed_files = pytest.mark.skipif(not landlock_version(), reason="this kernel has no Landlock")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(workers=1, limits=Limits(wall_seconds=60)) as opened:
        yield opened


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "portal.key"
    path.write_bytes(b"the key of the house")
    return path


@pytest.mark.parametrize("name", sorted(set(attacks.CALLS) - attacks.ANY_ERROR))
def test_a_call_that_no_decoder_needs_is_refused_by_its_number(sandbox, name):
    assert sandbox.run(attacks.bare_call, name) in REFUSED


@pytest.mark.parametrize(
    "attack",
    [
        attacks.fork,
        attacks.clone_a_process,
        attacks.spawn_a_program,
        attacks.replace_by_a_program,
        attacks.signal_the_parent,
        attacks.signal_everybody,
        attacks.own_signals_to_the_parent,
        attacks.attach_to_the_parent,
        attacks.take_a_descriptor_of_the_parent,
        attacks.limit_the_parent,
        attacks.raise_own_limits,
        attacks.type_into_a_terminal,
        attacks.be_traceable,
    ],
    ids=lambda attack: attack.__name__,
)
def test_an_act_on_other_processes_or_its_own_bounds_is_refused(sandbox, attack):
    assert sandbox.run(attack, None) in {*REFUSED, errno.EINVAL}


def test_the_parents_memory_can_not_be_written(sandbox):
    ours = ctypes.create_string_buffer(b"whole")

    assert sandbox.run(attacks.write_the_parents_memory, ctypes.addressof(ours)) in REFUSED

    assert ours.value == b"whole"


@closed_files
@pytest.mark.parametrize("name", ["mem", "environ", "cmdline", "maps", "fd/0", "root/etc/passwd"])
def test_nothing_is_read_or_written_of_the_parent_in_proc(sandbox, name):
    assert sandbox.run(attacks.read_of_the_parent, name) in REFUSED
    assert sandbox.run(attacks.write_of_the_parent, name) in REFUSED


@closed_files
def test_a_secret_is_neither_read_nor_listed_nor_linked(sandbox, secret):
    assert sandbox.run(attacks.read_file, str(secret)) == errno.EACCES
    assert sandbox.run(attacks.list_folder, str(secret.parent)) == errno.EACCES
    assert sandbox.run(attacks.link_to_own_folder, str(secret)) in REFUSED
    assert sandbox.run(attacks.climb_out, str(secret)) == errno.EACCES


@closed_files
@pytest.mark.parametrize("path", ["/etc/passwd", "/etc/hostname", "/proc/1/environ", str(PROJECT)])
def test_a_file_of_the_machine_or_the_project_is_not_read(sandbox, path):
    assert sandbox.run(attacks.read_file, path) in {*REFUSED, errno.ENOENT}


@closed_files
def test_nothing_outside_its_folder_is_written_removed_renamed_or_emptied(sandbox, secret):
    beside = secret.parent

    assert sandbox.run(attacks.write_file, str(secret)) == errno.EACCES
    assert sandbox.run(attacks.write_file, str(beside / "new")) == errno.EACCES
    assert sandbox.run(attacks.write_file, "/dev/shm/boli") == errno.EACCES
    assert sandbox.run(attacks.write_file, str(Path(sys.prefix) / "lib" / "boli.pth")) == errno.EACCES
    assert sandbox.run(attacks.write_file, str(Path(__file__).with_name("boli.pyc"))) == errno.EACCES
    assert sandbox.run(attacks.make_folder, str(beside / "folder")) == errno.EACCES
    assert sandbox.run(attacks.remove_file, str(secret)) == errno.EACCES
    assert sandbox.run(attacks.rename_file, str(secret)) in {errno.EACCES, errno.EXDEV}
    assert sandbox.run(attacks.empty_file, str(secret)) == errno.EACCES

    assert [path.name for path in beside.iterdir()] == ["portal.key"]
    assert secret.read_bytes() == b"the key of the house"


@pytest.mark.parametrize(
    "attack", [attacks.write_the_input, attacks.open_the_input_again, attacks.map_the_input]
)
def test_the_input_can_only_be_read(sandbox, secret, attack):
    assert sandbox.run(attack, secret) in {*REFUSED, errno.EBADF}

    assert secret.read_bytes() == b"the key of the house"


@closed_files
def test_an_input_of_one_job_is_gone_with_it(sandbox, secret):
    sandbox.run(attacks.map_the_input, secret)

    assert sandbox.run(attacks.read_file, str(secret)) == errno.EACCES


def test_a_child_tells_which_layers_hold(sandbox):
    found = sandbox.run(confinement)

    assert found.calls and found.memory
    assert found.files == landlock_version()


def test_a_layer_that_is_missing_has_its_sentence():
    assert Confinement(calls=True, files=7, memory=True).missing == ()
    assert len(Confinement(calls=False, files=0, memory=False).missing) == 3
    assert "Linux 6.2" in Confinement(calls=True, files=2, memory=True).missing[0]
