"""Numbers, times and sums as a reader of a language writes them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from catalog.calendar import ZONE
from portal.i18n.translation import InterfaceLanguage

CODECS = {
    "aac": "AAC",
    "amrnb": "AMR",
    "amrwb": "AMR-WB",
    "amr_nb": "AMR",
    "amr_wb": "AMR-WB",
    "flac": "FLAC",
    "g726le": "G.726",
    "mp3": "MP3",
    "mp3float": "MP3",
    "opus": "Opus",
    "speex": "Speex",
    "vorbis": "Vorbis",
    "wmav1": "WMA",
    "wmav2": "WMA",
}


class Formats:
    """The ways of one language."""

    def __init__(self, interface_language: InterfaceLanguage) -> None:
        self._locale = interface_language.locale

    def number(self, value: float, digits: int = 0) -> str:
        """
        >>> from portal.i18n.translation import interface_language
        >>> Formats(interface_language("en")).number(123456.78, 1)
        '1,23,456.8'
        """
        return str(format_decimal(round(value, digits), locale=self._locale))

    @staticmethod
    def codec(name: str) -> str:
        """A way of writing sound as people call it; one that is not among ours keeps its own name.

        >>> Formats.codec("pcm_s16le"), Formats.codec("amrnb"), Formats.codec("xyz")
        ('WAV', 'AMR', 'xyz')
        """
        return "WAV" if name.startswith("pcm_") else CODECS.get(name, name)

    def share(self, value: float) -> str:
        return str(format_percent(value, locale=self._locale))

    def money(self, millis: int, currency: str) -> str:
        """millis: thousandths of the currency unit"""
        return str(format_currency(Decimal(millis) / 1000, currency, locale=self._locale))

    def clock(self, seconds: float) -> str:
        """A length as players show it.

        >>> from portal.i18n.translation import interface_language
        >>> Formats(interface_language("en")).clock(250.4), Formats(interface_language("en")).clock(7262)
        ('4:10', '2:01:02')
        """
        whole = round(seconds)
        hours, rest = divmod(whole, 3600)
        return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"

    def hours(self, seconds: float) -> str:
        """A sum of lengths as people say it: 1 h 12 min, or 47 s of little.

        >>> from portal.i18n.translation import interface_language
        >>> Formats(interface_language("en")).hours(4321), Formats(interface_language("en")).hours(47)
        ('1 hr 12 mins', '47 secs')
        """
        if 0 < round(seconds) < 60:
            return self._unit(timedelta(seconds=round(seconds)), "second")
        minutes = round(seconds / 60)
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self._unit(timedelta(minutes=minutes), "minute")
        whole = self._unit(timedelta(hours=hours), "hour")
        return f"{whole} {self._unit(timedelta(minutes=rest), 'minute')}" if rest else whole

    def _unit(self, length: timedelta, unit: Literal["second", "minute", "hour"]) -> str:
        # The threshold keeps Babel from rounding up to the next unit.
        return str(format_timedelta(length, unit, threshold=1e9, format="short", locale=self._locale))

    def day(self, moment: datetime) -> str:
        return str(format_date(moment.astimezone(ZONE), "medium", locale=self._locale))

    def date(self, day: date) -> str:
        return str(format_date(day, "medium", locale=self._locale))

    def time(self, moment: datetime) -> str:
        return str(format_time(moment.astimezone(ZONE), "short", locale=self._locale))

    def moment(self, moment: datetime) -> str:
        local = moment.astimezone(ZONE)
        return f"{format_skeleton('MMMd', local, locale=self._locale)}, {self.time(moment)}"

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long since, in one unit: 3 days."""
        return str(format_timedelta(now - moment, locale=self._locale))
