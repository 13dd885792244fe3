"""What commands about consent share: which project, and which speaker is meant."""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from boli.errors import UserError
from catalog.ids import content_id
from catalog.tables import Speaker

Pseudonym = Annotated[str, typer.Argument(help="The speaker's pseudonym, such as te-01.")]
Project = Annotated[str, typer.Option("--project", "-P", help="A project of configs/projects.")]


def speaker_of(session: Session, project: str, pseudonym: str) -> Speaker:
    """The speaker of that pseudonym. Raises UserError."""
    known = session.get(Speaker, content_id("speaker", project, pseudonym))
    if known is None:
        raise UserError(
            f"project {project} knows no speaker {pseudonym!r}. Pseudonyms stand in recordings.tsv."
        )
    return known
