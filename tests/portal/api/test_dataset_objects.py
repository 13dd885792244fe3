"""A dataset is pulled through the portal with a token, in the form that the store has, and nothing else is given."""

import httpx
import pytest

from catalog.store import InvalidAddress, NotStored, StoreRefused
from catalog.tables import AuditEvent
from releases.address import ReleaseAddress, version_at
from releases.portal_store import PortalStore
from releases.pull import pull
from releases.stored_forms import store_forms
from releases.verify import verify
from releases.versions import read_version
from tests.portal.api.conftest import token_for
from tests.portal.live import served

TINY = "/api/v1/datasets/tiny/objects"


@pytest.fixture
def remote(portal, tmp_path):
    """A portal that is really served, and the token of somebody of an ML team."""
    token = token_for(portal, "pulls")
    with served(portal) as live, PortalStore(live.portal.address, token) as store:
        yield store


def test_a_version_is_pulled_verified_and_updated_through_the_portal(remote, portal, shelf, tmp_path):
    copy = tmp_path / "copy"
    number = version_at(remote, ReleaseAddress(remote.url, "tiny", None))
    first = pull(remote, "tiny", "1.0.0", copy)
    update = pull(remote, "tiny", number, copy, forms=["nemo"])

    assert number == "1.1.0"
    assert verify(remote, "tiny", "1.1.0").ok
    assert (first.files, update.files) == (first.fetched, len(list((copy / "data").iterdir())) + 12)
    shelf.withdraw("te-02")
    shelf.erase()
    after = pull(remote, "tiny", "1.1.0", copy)
    assert after.removed > 0
    assert b"te-02" in (copy / "withdrawn.jsonl").read_bytes()
    assert verify(remote, "tiny", "1.1.0").state == "redacted"
    with portal.catalog.reading() as session:
        given = session.query(AuditEvent).filter_by(action="release.part_given").count()
    assert given > 0


def test_a_form_that_lies_in_the_store_comes_through_the_portal(remote, portal, shelf, tmp_path):
    pull(portal.store, "tiny", "1.1.0", tmp_path / "made", forms=["files", "lhotse"])
    version = read_version(portal.store, "tiny", "1.1.0")
    made = store_forms(portal.store, version, ("files", "lhotse"), shelf.scratch)

    pulled = pull(remote, "tiny", "1.1.0", tmp_path / "copy", forms=["files", "lhotse"])

    paths = {file.path: file.size for form in made for file in form.files}
    assert pulled.travelled == pulled.bytes + sum(paths.values())
    for path in paths:
        assert (tmp_path / "copy" / path).read_bytes() == (tmp_path / "made" / path).read_bytes()
    with portal.catalog.reading() as session:
        given = session.query(AuditEvent).filter_by(action="release.part_given").all()
    assert {"forms/1.1.0/files.json", "forms/1.1.0/lhotse.json"} <= {each.detail["part"] for each in given}


@pytest.mark.parametrize(
    "path",
    [
        "forms/files/abc",
        "forms/1.0.0/../../claims/1.0.0.json",
        "claims/1.0.0.json",
        "unused.json",
        "../../recordings/x.flac",
        "1.0.0/../../../recordings/x",
        "parts/abc.parquet",
        "versions/",
    ],
)
def test_what_no_copy_is_made_from_is_not_given(program, path):
    assert program.get(f"{TINY}/{path}").status_code in (404, 422)


def test_only_what_a_copy_is_made_from_is_listed(program):
    listed = program.get(TINY).json()["objects"]

    folders = {each["path"].split("/")[0] for each in listed}
    assert folders == {"versions", "parts", "1.0.0", "1.1.0"}
    empty = {each["path"].split("/")[-1] for each in listed if not each["bytes"]}
    assert empty <= {"known-faults.jsonl"}  # of clips without any


def test_without_a_token_or_with_another_datasets_name_there_is_nothing(remote):
    with PortalStore(remote.url, "boli_wrong") as stranger, pytest.raises(StoreRefused, match="BOLI_TOKEN"):
        stranger.get_bytes("datasets/tiny/versions/1.0.0.json", 10**6)
    with pytest.raises(NotStored):
        remote.get_bytes("datasets/other/versions/1.0.0.json", 10**6)
    assert httpx.get(f"{remote.url}{TINY}").status_code == 401


def test_a_token_is_never_sent_in_the_clear():
    with pytest.raises(InvalidAddress, match="https"):
        PortalStore("http://voices.example.org", "boli_secret")
