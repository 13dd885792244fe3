"""What an act of the log was done with, in words: its keys and codes as people call them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.reasons import REASONS
from catalog.states import NewsChannel, Role
from portal.access.role_names import ROLE_NAMES
from portal.access.shown_text import shown
from portal.http.pages import _

DETAIL_NAMES: Mapping[str, str] = {
    "because": _("Why"),
    "ground": _("Why"),
    "reason": _("Why"),
    "reasons": _("Why"),
    "why": _("Why"),
    "changes": _("What changed"),
    "facts": _("What changed"),
    "channel": _("What"),
    "clips": _("Clips"),
    "currency": _("Currency"),
    "dataset": _("Dataset"),
    "days": _("Days"),
    "decision": _("Decision"),
    "device": _("Device"),
    "files": _("Files"),
    "guideline": _("Guideline"),
    "hours": _("Hours"),
    "kind": _("What"),
    "language": _("Language"),
    "languages": _("Languages"),
    "late": _("handed in late"),
    "length": _("Length"),
    "seconds": _("Length"),
    "month": _("Month"),
    "name": _("Name"),
    "person": _("Person"),
    "project": _("Project"),
    "prompts": _("Prompts"),
    "recording": _("recording"),
    "report": _("Report"),
    "review": _("Review"),
    "roles": _("Roles"),
    "rows": _("How many"),
    "rules": _("Rules"),
    "said_by": _("Who"),
    "size": _("size"),
    "sound": _("Sound"),
    "speaker": _("Speaker"),
    "text": _("Text"),
    "undone": _("taken back"),
    "until": _("Until"),
    "version": _("Version"),
}
"""By key, English; what is not here is a mark for programs, and stays as it is stored."""
_WORDS: Mapping[str, str] = {
    **{code: each.sentence for code, each in REASONS.items()},
    **{role.value: name for role, name in ROLE_NAMES.items() if role in Role},
    NewsChannel.PUSH: _("Show notices in this browser"),
    NewsChannel.MAIL: _("By e-mail"),
    NewsChannel.GATEWAY: _("By SMS or WhatsApp"),
    "True": _("yes"),
    "False": _("no"),
}
_CODED = frozenset({"channel", "ground", "late", "reason", "reasons", "roles"})
"""Keys whose values are codes of ours. Others hold what people wrote, which may look like one."""


@dataclass(frozen=True, slots=True)
class ActDetail:
    """name: what people call the key, "" where it has no name; words: of codes, English; value: of all others"""

    key: str
    name: str
    words: tuple[str, ...]
    value: str


def details_of(detail: Mapping[str, Any]) -> list[ActDetail]:
    """What stands beside an act, by key.

    >>> details_of({"reason": "too_quiet", "slot": "slot-1"})[1]
    ActDetail(key='slot', name='', words=(), value='slot-1')
    """
    return [_detail(shown(str(key)), value) for key, value in sorted(detail.items())]


def _detail(key: str, value: Any) -> ActDetail:
    several = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
    words = _words_of(several) if key in _CODED or isinstance(value, bool) else ()
    return ActDetail(key, DETAIL_NAMES.get(key, ""), words, shown(", ".join(several)))


def _words_of(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(_WORDS.get(code, shown(code)) for code in codes)
