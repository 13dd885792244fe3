"""What the portal says, in the language of whoever reads: gettext catalogues of `portal/i18n/locale`."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog as Messages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).resolve().parent / "locale"
SOURCE = "en"
COOKIE = "boli-language"

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "hi": "हिन्दी",
    "bn": "বাংলা",
    "mr": "मराठी",
    "te": "తెలుగు",
    "ta": "தமிழ்",
    "kn": "ಕನ್ನಡ",
    "ml": "മലയാളം",
    "gu": "ગુજરાતી",
    "pa": "ਪੰਜਾਬੀ",
    "or": "ଓଡ଼ିଆ",
    "ur": "اردو",
}
"""The languages of the interface, by code, in their own words."""


@dataclass(frozen=True, slots=True)
class InterfaceLanguage:
    """One language of the interface."""

    code: str
    locale: Locale
    translations: NullTranslations

    @property
    def direction(self) -> str:
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    def gettext(self, message: str) -> str:
        """The message in this language; nothing for no message, under which gettext keeps a catalogue's own head."""
        return str(self.translations.ugettext(message)) if message else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return str(self.translations.ungettext(one, many, count))


@cache
def interface_language(code: str) -> InterfaceLanguage:
    """The language of that code. Raises KeyError for one that is not in LANGUAGES."""
    LANGUAGES[code]
    # India's ways with numbers: 1,00,000
    locale = Locale.parse(f"{code}_IN")
    if code == SOURCE:
        return InterfaceLanguage(code, locale, NullTranslations())
    compiled = io.BytesIO()
    write_mo(compiled, messages(code))
    compiled.seek(0)
    return InterfaceLanguage(code, locale, Translations(compiled))


def messages(code: str) -> Messages:
    """The catalogue of a language as its translators wrote it."""
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


@cache
def script_messages(code: str) -> Mapping[str, str | list[str]]:
    """What scripts in the browser say: English to this language; plural forms as a list."""
    if code == SOURCE:
        return {}
    said: dict[str, str | list[str]] = {}
    for message in messages(code):
        in_script = any(path.endswith(".js") for path, _ in message.locations)
        if not message.id or not in_script or message.fuzzy:
            continue
        if isinstance(message.id, tuple | list):
            said[message.id[0]] = [str(form) for form in message.string or ()]
        elif message.string:
            said[message.id] = str(message.string)
    return said


def best_language(chosen: str | None, accepted: str) -> str:
    """The interface language for a reader.

    chosen:   the one they picked before, from their cookie
    accepted: their browser's Accept-Language

    >>> best_language(None, "te-IN,te;q=0.9,en;q=0.5")
    'te'
    >>> best_language("hi", "te")
    'hi'
    >>> best_language(None, "fr, *;q=0.1")
    'en'
    """
    if chosen in LANGUAGES:
        return str(chosen)
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        name, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), name.split("-")[0].lower()))
        except ValueError:
            continue
    # sorted() keeps the reader's order among equals
    return next((code for _, code in sorted(ranked, key=lambda each: each[0]) if code in LANGUAGES), SOURCE)
