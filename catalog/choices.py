"""What managers choose for a project's datasets on the portal, laid over what its file says.

A choice is changed and never taken away: a dataset that has versions must stay known, or a withdrawal would pass it by.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.config.project import Project
from catalog.config.release_rules import ReleaseRules
from catalog.errors import UserError
from catalog.tables import DatasetChoice, Release


class NameTaken(UserError):
    """A dataset of that name is another project's."""


def with_choices(session: Session, project: Project) -> Project:
    """The project as it is to be published: of a dataset that its file has, the conditions are those chosen last."""
    chosen = {
        choice.name: choice
        for choice in session.scalars(
            select(DatasetChoice)
            .where(DatasetChoice.project_id == project.name)
            .order_by(DatasetChoice.chosen_at, DatasetChoice.name)
        )
    }
    main, *others = (_chosen(rules, chosen.pop(rules.name, None)) for rules in project.releases)
    added = (_chosen(replace(main, name=name, remarks=()), choice) for name, choice in chosen.items())
    return replace(project, release=main, datasets=(*others, *added))


def choose(
    session: Session,
    project: str,
    rules: ReleaseRules,
    *,
    elsewhere: Collection[str],
    by: str,
    now: datetime,
) -> None:
    """Keep a choice for a dataset of the project; the next version is made by it.

    elsewhere: names of datasets that other projects' files have
    Raises NameTaken.
    """
    taken = session.scalars(
        select(Release.project_id).where(Release.name == rules.name, Release.project_id != project).limit(1)
    ).first()
    choice = session.get(DatasetChoice, rules.name)
    if rules.name in elsewhere or taken or (choice and choice.project_id != project):
        raise NameTaken(
            f"a dataset is one project's alone, given {rules.name!r}, which is another's. Name it otherwise."
        )
    said = {
        "licence": rules.licence,
        "conditions": list(rules.where),
        "low_score": rules.low_score,
        "keep_sentences_apart": rules.splits.keep_sentences_apart,
    }
    if choice is None:
        choice = DatasetChoice(name=rules.name, project_id=project, chosen_by=by, chosen_at=now, **said)
        session.add(choice)
    else:
        for name, value in said.items():
            setattr(choice, name, value)
        choice.chosen_by, choice.chosen_at = by, now
    audit.record(
        session,
        at=now,
        actor=by,
        action="dataset.chosen",
        subject=("project", project),
        detail={"dataset": rules.name, **said},
    )


def _chosen(rules: ReleaseRules, choice: DatasetChoice | None) -> ReleaseRules:
    if choice is None:
        return rules
    return replace(
        rules,
        licence=choice.licence,
        where=tuple(choice.conditions),
        low_score=choice.low_score,  # type: ignore[arg-type]  # checked when it is made
        splits=replace(rules.splits, keep_sentences_apart=choice.keep_sentences_apart),
    )
