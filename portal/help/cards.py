"""The tours: five cards for each role, shown at the first sign-in with it, and whenever help is asked for."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import Role
from catalog.tables import TourSeen
from portal.access.session import Signed
from portal.http.pages import _

TOURS: Mapping[Role, tuple[str, ...]] = {
    Role.COORDINATOR: (
        _(
            "Add a speaker, read the consent notice aloud, and record their yes. Without it nothing is recorded."
        ),
        _(
            "Record here, or add files of another recorder. It works without network: all of it waits on this device."
        ),
        _("What has arrived has a receipt. Only then delete it anywhere else."),
        _("Minutes after sending you read whether a recording can be used, and what to do where it can't."),
        _("A speaker may take their yes back at any time, with the code on their paper, or through you."),
    ),
    Role.TRANSCRIBER: (
        _("You hear a short clip and write exactly what is said: dialect stays, nothing is mended."),
        _("Tab plays and pauses, Shift ← goes back. On a phone, use the buttons below the sound."),
        _("What is no word gets a tag. A clip that can't be written is passed on with Skip, and why."),
        _("Every word is kept while you type, also without network. Clips can be taken along for the day."),
        _("My work says what became of each text, why, and what it earned. You can ask for a second look."),
    ),
    Role.REVIEWER: (
        _(
            "You see what needs a person: texts that differ, clips that were reported, and a few drawn by lot."
        ),
        _("Hear the clip, take the better text into the box, correct it, and accept it with Ctrl ↵."),
        _("Send a text back with a reason to learn from. Reject the sound only where nobody could write it."),
        _("Reported clips wait under Reports: nobody hears them until you decide."),
        _("Word times in doubt are put right by keys, word by word."),
    ),
    Role.MANAGER: (
        _("Today says what waits, what is late and who is held back. Every number leads to what it counts."),
        _("Settings make and change the project: what a change does is shown before it is saved."),
        _("Take people on under People, and give each of them a link to come in by."),
        _("Who is missing shows by district, gender and age what is still to be recorded."),
        _("Every act stands in the log. Withdrawals and breaches have pages of their own, with a clock."),
    ),
    Role.ML_READER: (
        _("Datasets lists every version. A version that is published never changes."),
        _("Each version says what it holds, how it was made, and what is known to be wrong with it."),
        _("Hear samples before you download, and report a clip that should not be there."),
        _("Programs download with a token of yours, and fetch only what is new."),
        _("When a speaker takes their yes back, rows are taken out. You are told, and drop them too."),
    ),
}
"""Messages, translated where they are shown; in the order in which somebody with several roles is shown them."""


def tour_due(session: Session, signed: Signed) -> Role | None:
    """The first role of theirs, in the project that they look at, whose tour they have not seen."""
    seen = set(session.scalars(select(TourSeen.role).where(TourSeen.person_id == signed.person_id)))
    return next((role for role in TOURS if signed.has(role) and role not in seen), None)


def note_tour(session: Session, person_id: str, role: Role, *, now: datetime) -> None:
    """They have seen it, or left it: it does not come by itself again."""
    session.merge(TourSeen(person_id=person_id, role=role, at=now))
