"""What would become of each thing that a list brought or changed, were it taken back: it goes or stays, and why."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from catalog.tables import ListImport
from portal.access.session import Signed
from portal.context import PortalContext
from portal.http.pages import _


class StayReason(StrEnum):
    """Why something stays: it was used since."""

    CAME_IN = "came_in"
    WORKS_ELSEWHERE = "works_elsewhere"
    MANAGES = "manages"
    CONSENTED = "consented"
    RECORDED = "recorded"
    NAMED = "named"
    CHANGED = "changed"
    BEGUN = "begun"
    ANSWERED = "answered"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


STAY_REASONS: Mapping[StayReason, str] = {
    StayReason.CAME_IN: _("came in with their card"),
    StayReason.WORKS_ELSEWHERE: _("works in another project too"),
    StayReason.MANAGES: _("manages the project: that an owner of this portal decides"),
    StayReason.CONSENTED: _("was asked for a yes"),
    StayReason.RECORDED: _("has recordings"),
    StayReason.NAMED: _("is named elsewhere"),
    StayReason.CHANGED: _("was changed since"),
    StayReason.BEGUN: _("somebody began to write with it"),
    StayReason.ANSWERED: _("has recordings"),
    StayReason.REPLACED: _("another list has taken its place since"),
    StayReason.WITHDRAWN: _("took their consent back since"),
}


@dataclass(frozen=True, slots=True)
class FactSetBack:
    """One fact of somebody whom a list changed: as the list left it, and as it was before.

    is_private: of a name, a phone or a month of birth only that it is set back is shown, without values
    """

    fact: str
    left: str = ""
    before: str = ""
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class ItemFate:
    """One thing that a list brought or changed and that is still there.

    id: as the import keeps it; name: as people know it; href: of its page, "" where it has none
    stays: why it can't be taken back; None where it goes
    set_back: of what was there before the list: what of it is set back. Empty of what the list brought: that goes
    """

    id: str
    name: str
    href: str = ""
    stays: StayReason | None = None
    set_back: tuple[FactSetBack, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What taking back works with: the import, who asks, and the transaction, in which rows may be locked."""

    portal: PortalContext
    session: Session
    signed: Signed
    found: ListImport


@dataclass(frozen=True, slots=True)
class Undoing:
    """How a kind of import is taken back.

    lock:      what nobody may use meanwhile; a kind that lies in a file locks nothing
    fates:     of what is still there, in order; what is gone already is left out
    take_back: those of the fates that go
    set_back:  once it was taken back: what was there before the list and is again as it was
    """

    fates: Callable[[ImportContext], Sequence[ItemFate]]
    take_back: Callable[[ImportContext, Sequence[ItemFate]], None]
    lock: Callable[[ImportContext], None] = lambda context: None
    set_back: Callable[[ImportContext], Sequence[ItemFate]] = lambda context: ()


def first_reason(
    tables: Collection[str], reasons: Mapping[str, StayReason], other: StayReason
) -> StayReason | None:
    """Why something stays to which rows of these tables refer; None where none does.

    >>> first_reason(["upload"], {"upload": StayReason.RECORDED}, StayReason.NAMED).value
    'recorded'
    """
    if not tables:
        return None
    return next((reason for table, reason in reasons.items() if table in tables), other)
