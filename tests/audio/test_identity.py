"""Names that follow from content alone."""

import hashlib

import pytest

from audio.identity import clip_id, file_sha256


def test_a_files_hash_is_that_of_all_its_bytes(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "a").write_bytes(content)

    assert file_sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_gone_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "a")


def test_a_clips_id_changes_with_each_thing_that_it_is_made_of_and_with_nothing_else():
    base = ("ab" * 32, 100, 200, "field@1")
    others = [
        ("cd" * 32, 100, 200, "field@1"),
        ("ab" * 32, 101, 200, "field@1"),
        ("ab" * 32, 100, 201, "field@1"),
        ("ab" * 32, 100, 200, "field@2"),
    ]

    assert clip_id(*base) == clip_id(*base)
    assert len({clip_id(*base), *(clip_id(*other) for other in others)}) == 5
