"""A version whose rows were erased is held against the signed proof of it."""

import json
from pathlib import Path

import pytest

from catalog.erasure.proof import public_key, write_proof
from releases.tombstones import tombstones
from releases.verify import verify
from releases.verify_proofs import check_proofs, proof_problems
from releases.versions import read_version
from tests.releases.conftest import Archive

KEY = bytes(range(32))


def proof_of(archive: Archive, pseudonym: str, to: Path) -> Path:
    with to.open("w", encoding="utf-8") as file:
        write_proof(archive.catalog, f"speaker-{pseudonym}", file, key=KEY, at=archive.later())
    return to


def problems(archive: Archive, *proofs: Path, key: str | None = None) -> list[tuple[str, str]]:
    report = check_proofs(archive.store, verify(archive.store, "tiny", "1.0.0"), proofs, public=key)
    assert report.ok is not bool(report.problems)
    return [(each.path, each.what) for each in report.problems]


def test_a_proof_of_what_was_taken_out_holds_against_the_version(
    either_archive: Archive, tmp_path: Path
) -> None:
    archive = either_archive
    archive.add_recording("te-01", "te-02")
    archive.publish()
    for pseudonym in ("te-01", "te-02"):
        archive.withdraw(pseudonym)
        archive.erase()

    proofs = [proof_of(archive, each, tmp_path / f"{each}.json") for each in ("te-01", "te-02")]

    assert problems(archive, *proofs, key=public_key(KEY)) == []


@pytest.mark.parametrize(
    ("find", "put"), [('"rows":2', '"rows":1'), ("te-01", "te-02"), ('"left":0', '"left":00'), ("{", "")]
)
def test_a_proof_that_was_tampered_with_is_named(
    archive: Archive, tmp_path: Path, find: str, put: str
) -> None:
    archive.publish()
    archive.withdraw("te-01")
    archive.erase()
    proof = proof_of(archive, "te-01", tmp_path / "te-01.json")
    proof.write_text(proof.read_text("utf-8").replace(find, put), encoding="utf-8")

    [(named, what)] = problems(archive, proof)

    assert named == "te-01.json" and "te-01.json" in what


def test_a_proof_of_another_installation_is_named_where_its_key_is_known(
    archive: Archive, tmp_path: Path
) -> None:
    archive.publish()
    archive.withdraw("te-01")
    archive.erase()

    [(_, what)] = problems(
        archive, proof_of(archive, "te-01", tmp_path / "p.json"), key=public_key(bytes(32))
    )

    assert "another installation signed it" in what


def test_a_proof_made_before_the_rows_left_says_that_they_stand(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    archive.withdraw("te-01")
    proof = proof_of(archive, "te-01", tmp_path / "early.json")

    [(_, what)] = problems(archive, proof)

    assert what == "says that 2 rows of te-01 still stand in tiny@1.0.0"


def test_a_version_that_says_less_than_the_proof_is_named(archive: Archive, tmp_path: Path) -> None:
    archive.publish()
    before = read_version(archive.store, "tiny", "1.0.0")
    archive.withdraw("te-01")
    archive.erase()
    statement = json.loads(proof_of(archive, "te-01", tmp_path / "p.json").read_text("utf-8"))["statement"]
    stones = list(tombstones(archive.store, "tiny"))

    assert list(proof_problems(read_version(archive.store, "tiny", "1.0.0"), stones, statement)) == []
    assert list(proof_problems(before, stones, statement)) == [
        "speaks of 2 rows that the version was never rewritten without"
    ]
    assert list(proof_problems(before, (), statement)) == [
        "says that 2 rows of te-01 were taken out, and withdrawn.jsonl names 0"
    ]
    assert list(proof_problems(before, stones, {**statement, "releases": []})) == [
        "says nothing of tiny@1.0.0, which 2 rows of te-01 left"
    ]
    assert list(proof_problems(before, stones, {**statement, "project": "other"})) == [
        "is of project other, and the version of demo"
    ]
