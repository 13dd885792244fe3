"""Help for one screen, in a few sentences: a file a language, each of its parts made from a state of the English one.

    <!-- write 3fa2c1b09d11 -->
    # लिखें

Behind the name of a screen stands the digest of the English part that was translated (`python -m
portal.help.screens` prints them). Where English has moved on since, the reader is told, and can see the English.
"""

import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog.states import Role
from portal.i18n.translation import SOURCE

FOLDER = Path(__file__).resolve().parent / "screens"
_HEAD = re.compile(r"^<!-- ([a-z-]+)(?: ([0-9a-f]{12}))? -->\n", re.MULTILINE)
_SCREENS: Mapping[str, str] = {
    "/write": "write",
    "/practice": "practice",
    "/my-work": "my-work",
    "/review/reports": "reports",
    "/review/times": "times",
    "/review": "review",
    "/record": "record",
    "/speakers": "speakers",
    "/manage": "manage",
    "/people": "manage",
    "/breaches": "manage",
    "/datasets": "datasets",
}
"""By the beginning of an address; the first that fits."""
SCREENS_OF_ROLE: Mapping[Role, tuple[str, ...]] = {
    Role.COORDINATOR: ("record", "speakers"),
    Role.TRANSCRIBER: ("write", "practice", "my-work"),
    Role.REVIEWER: ("review", "reports", "times", "my-work"),
    Role.MANAGER: ("manage", "datasets"),
    Role.ML_READER: ("datasets",),
}


@dataclass(frozen=True, slots=True)
class ScreenHelp:
    """What helps on one screen, as Markdown. made_from: digest of the English part, "" for the English one itself"""

    screen: str
    language: str
    text: str
    made_from: str = ""

    @property
    def behind(self) -> bool:
        """Whether the English part has been changed since."""
        return self.language != SOURCE and self.made_from != digest(screens(SOURCE)[self.screen].text)


def screen_of(path: str) -> str | None:
    """The screen that an address belongs to; None for one without help of its own.

    >>> screen_of("/review/times/clip-1"), screen_of("/review"), screen_of("/me")
    ('times', 'review', None)
    """
    return next((name for start, name in _SCREENS.items() if f"{path}/".startswith(f"{start}/")), None)


def help_of(screen: str, language: str) -> ScreenHelp:
    """In that language; in English where nobody has translated it yet."""
    return screens(language).get(screen) or screens(SOURCE)[screen]


def whole_digest(language: str) -> str:
    """Of all that is written in a language: what a native reader signs for."""
    return digest("\n".join(part.text for part in screens(language).values()))


@cache
def screens(language: str) -> Mapping[str, ScreenHelp]:
    """Everything that is written in a language, by screen."""
    path = FOLDER / f"{language}.md"
    return parts_of(path.read_text("utf-8"), language) if path.is_file() else {}


def parts_of(written: str, language: str) -> dict[str, ScreenHelp]:
    """
    >>> parts_of("<!-- write 0123456789ab -->\\n# लिखें\\n", "hi")["write"].made_from
    '0123456789ab'
    """
    _, *found = _HEAD.split(written)
    parts = zip(found[::3], found[1::3], found[2::3], strict=True)
    return {
        name: ScreenHelp(name, language, text.strip(), made_from or "") for name, made_from, text in parts
    }


def digest(text: str) -> str:
    """Of a part, without the lines' ends: a text that is only wrapped anew stays the same."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.stdout.writelines(f"<!-- {name} {digest(part.text)} -->\n" for name, part in screens(SOURCE).items())
