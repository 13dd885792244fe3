"""Whose voice a file brings, and whether it may be brought: said before the first byte is sent over a dear link."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from catalog.config.project import Project
from catalog.config.sentence import Sentence
from catalog.consent import is_withdrawn
from catalog.database import Catalog
from catalog.speakers import speaker_id_of
from catalog.states import TransferPurpose
from catalog.tables import Speaker
from portal.upload.description import Description
from portal.upload.limits import Sender
from portal.upload.protocol import UploadRefused


def named_speaker(
    catalog: Catalog,
    sender: Sender,
    description: Description,
    may_use: Callable[[Sender, Speaker], bool],
) -> Speaker | None:
    """The speaker that the sender names, if they may bring recordings of them."""
    if description.speaker is None:
        return None
    with catalog.reading() as session:
        speaker = session.get(Speaker, speaker_id_of(sender.project_id, description.speaker))
    return speaker if speaker is not None and may_use(sender, speaker) else None


def check_description(
    description: Description, length: int, project: Project, speaker: Speaker | None
) -> None:
    """Raises UploadRefused for what could never be taken in."""
    if description.purpose is TransferPurpose.CONSENT and length == 0:
        raise UploadRefused(
            400,
            "empty_consent",
            Sentence("the file with the consent is empty. Record or photograph it again."),
        )
    if description.purpose is TransferPurpose.RECORDING:
        if description.language not in project.languages:
            raise UploadRefused(
                400,
                "unknown_language",
                Sentence(
                    "this project does not collect that language. It collects %(languages)s.",
                    languages=", ".join(project.languages),
                ),
            )
        if description.speaker is None:
            raise UploadRefused(
                400, "no_speaker", Sentence("nobody is named whose voice this is. Choose a speaker first.")
            )
    if description.speaker is not None and speaker is None:
        raise UploadRefused(
            400,
            "unknown_speaker",
            Sentence(
                "%(speaker)s is none of your speakers in this project. Choose another, or write them down first.",
                speaker=description.speaker[:40],
            ),
        )


def consenting(session: Session, description: Description, speaker: Speaker | None) -> Speaker | None:
    """The speaker as they are now, locked so that no withdrawal comes between. Raises UploadRefused (410).

    Evidence of a yes is always taken in: a new one may be on its way.
    """
    if speaker is None:
        return None
    now = session.get_one(Speaker, speaker.id, with_for_update={"read": True})
    if description.purpose is TransferPurpose.RECORDING and is_withdrawn(now):
        raise withdrawn()
    return now


def withdrawn() -> UploadRefused:
    return UploadRefused(
        410,
        "consent_withdrawn",
        Sentence(
            "This speaker took their consent back. Nothing of their voice is taken in, and what had come is erased. "
            "Don't record them; ask for a new yes first if they change their mind."
        ),
    )
