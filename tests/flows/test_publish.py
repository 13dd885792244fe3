"""Publishing, as the flow does it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.config.settings import Settings
from catalog.tables import Clip
from flows.publish import DatasetsRefused, publish
from flows.steps.publish import publish_release
from flows.workspace import Workspace, open_workspace
from releases.stored_forms import stored_form
from releases.versions import read_version
from tests.releases.conftest import Archive


@pytest.fixture
def workspace(settings: Settings, configs: Path) -> Iterator[Workspace]:
    """A project that keeps two forms of its dataset in the store, by its file; two voices' clips are accepted."""
    demo = (configs / "projects" / "demo.yaml").read_text("utf-8")
    listing = demo.replace("name: demo\n", "name: listing\n", 1).replace(
        "release:\n", "release:\n  forms: [ctm, lhotse]\n", 1
    )
    (configs / "projects" / "listing.yaml").write_text(listing, "utf-8")
    with open_workspace("demo", settings) as opened:
        archive = Archive(opened.catalog, opened.store, opened.scratch)
        archive.open()
        archive.add_speaker("te-01")
        archive.add_recording("te-01")
    with open_workspace("listing", settings) as opened:
        yield opened


def test_forms_that_a_projects_file_lists_are_made_when_it_is_published_and_when_they_are_listed_later(
    workspace: Workspace,
) -> None:
    # the made archive is of the project `demo`
    with_forms = replace(workspace.project, name="demo")
    without = replace(with_forms, release=replace(with_forms.release, forms=()))

    before = publish_release(replace(workspace, project=without))
    assert before.version is not None
    version = read_version(workspace.store, before.dataset, before.version)
    assert stored_form(workspace.store, version, "ctm") is None

    after = publish_release(replace(workspace, project=with_forms))

    assert (after.outcome, after.version) == ("unchanged", before.version)
    found = {form: stored_form(workspace.store, version, form) for form in ("ctm", "lhotse", "shar")}
    assert found["ctm"] is not None and [file.path for file in found["ctm"].files] == ["ctm/train.ctm"]
    assert found["lhotse"] is not None
    assert found["shar"] is None
    assert not list(workspace.scratch.rglob("form-*"))


def test_a_dataset_that_is_refused_stops_no_other_and_the_run_ends_with_its_name(
    workspace: Workspace,
) -> None:
    archive = Archive(workspace.catalog, workspace.store, workspace.scratch)
    archive.add_speaker("kn-01", language="kn")
    (broken, *_) = archive.add_recording("kn-01", language="kn")
    with workspace.catalog.reading() as session:
        workspace.store.put_bytes(session.get_one(Clip, broken).cut_key, b"fLaC not sound")
    main = replace(workspace.project.release, name="all", forms=(), min_speakers=1)
    others = tuple(
        replace(main, name=language, where=(f"language = {language}",)) for language in ("kn", "te")
    )
    project = replace(workspace.project, name="demo", release=main, datasets=others)

    report = publish_release(replace(workspace, project=project))

    outcomes = {each.dataset: each.outcome for each in report.datasets}
    assert outcomes == {"all": "refused", "kn": "refused", "te": "published"}
    assert all(broken in str(each.why) for each in report.refused)
    failed = DatasetsRefused(report)
    assert str(failed).startswith("2 of 3 dataset(s) refused: all, kn\n")
    assert failed.report is report


@pytest.mark.slow
def test_a_run_with_a_dataset_that_is_refused_has_failed_and_says_which(
    prefect_api: object, flow_settings: Settings
) -> None:
    with open_workspace("demo", flow_settings) as opened:
        archive = Archive(opened.catalog, opened.store, opened.scratch)
        archive.open()
        archive.add_speaker("te-01")
        (broken, _) = archive.add_recording("te-01")
        with opened.catalog.reading() as session:
            opened.store.put_bytes(session.get_one(Clip, broken).cut_key, b"fLaC not sound")

    state = publish("demo", return_state=True)

    assert state.is_failed()
    with pytest.raises(DatasetsRefused, match=rf"1 of 1 dataset\(s\) refused: boli-demo\n(.|\n)*{broken}"):
        state.result()
