"""What a manager chose on the portal is what the flows publish by, and withdrawals look through its dataset too."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from catalog.choices import NameTaken, choose
from catalog.tables import DatasetChoice
from flows.steps.erase import erase_withdrawn
from flows.steps.publish import publish_release
from flows.workspace import open_workspace


def test_a_chosen_dataset_is_published_beside_the_main_one_and_looked_through_for_withdrawals(
    accepted, settings
):
    rules = replace(accepted.project.release, name="clear", where=("snr_db >= 15",))
    with accepted.catalog.writing() as session:
        choose(session, "demo", rules, elsewhere=(), by="asha", now=accepted.now())

    with open_workspace("demo", settings) as opened:
        report = publish_release(opened)
        erased = erase_withdrawn(opened)

    assert [each.dataset for each in (report, *report.others)] == ["boli-demo", "clear"]
    assert len(erased.versions) == 2
    assert opened.project.datasets[0].where == ("snr_db >= 15",)


def test_a_name_of_another_projects_dataset_is_refused_and_nothing_is_kept(workspace):
    rules = replace(workspace.project.release, name="theirs")

    with pytest.raises(NameTaken, match="Name it otherwise"), workspace.catalog.writing() as session:
        choose(session, "demo", rules, elsewhere={"theirs"}, by="asha", now=workspace.now())

    with workspace.catalog.reading() as session:
        assert session.scalars(select(DatasetChoice)).all() == []
