"""The speaker that a command names."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from boli.errors import UserError
from catalog.speakers import speaker_id_of
from catalog.tables import Speaker

Pseudonym = Annotated[str, typer.Argument(help="The speaker's pseudonym, such as te-01.")]
Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]
By = Annotated[str, typer.Option("--by", help="Who records it, for the log.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def speaker_named(session: Session, project: str, pseudonym: str) -> Speaker:
    """The speaker of that pseudonym in a project. Raises UserError."""
    known = session.get(Speaker, speaker_id_of(project, pseudonym))
    if known is None:
        raise UserError(
            f"project {project} knows no speaker {pseudonym!r}. Pseudonyms stand in recordings.tsv."
        )
    return known
