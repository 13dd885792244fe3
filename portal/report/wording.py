"""The words of a report in its reader's language."""

from dataclasses import dataclass, field

from portal.http.pages import _
from portal.i18n.formats import Formats
from portal.i18n.translation import SOURCE, InterfaceLanguage, interface_language

UNITS = {
    "recordings": (_("recording"), _("recordings")),
    "clips": (_("clip"), _("clips")),
    "texts": (_("text"), _("texts")),
}


def _english() -> InterfaceLanguage:
    return interface_language(SOURCE)


@dataclass(frozen=True, slots=True)
class Wording:
    """language: of the page; English unless said otherwise"""

    language: InterfaceLanguage = field(default_factory=_english)

    def say(self, message: str) -> str:
        """A message, translated."""
        return self.language.gettext(message)

    def unit(self, noun: str, count: int) -> str:
        """What is counted, as it is called for so many."""
        one, many = UNITS[noun]
        return self.say(one if count == 1 else many)

    def duration(self, hours: float) -> str:
        """Hours as people of that language say them."""
        return Formats(self.language).hours(hours * 3600)
