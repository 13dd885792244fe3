"""Write down that a native reader signed a translation: `python -m portal.i18n.sign_translation hi help "Asha"`."""

import argparse
import sys
from datetime import date, datetime

from catalog.calendar import ZONE
from portal.help.screens import whole_digest
from portal.i18n.signatures import (
    FILE,
    TranslatedPart,
    TranslationSignature,
    guidelines_digest,
    with_signature,
)
from portal.i18n.translation import LANGUAGES, SOURCE


def digest_of(language: str, part: TranslatedPart) -> str:
    """Of the words that are signed for."""
    return guidelines_digest(language) if part is TranslatedPart.GUIDELINES else whole_digest(language)


def main(arguments: list[str], *, today: date) -> None:
    """Keep one more signature."""
    asked = argparse.ArgumentParser(prog="python -m portal.i18n.sign_translation", description=__doc__)
    asked.add_argument("language", choices=[code for code in LANGUAGES if code != SOURCE])
    asked.add_argument("part", choices=[part.value for part in TranslatedPart])
    asked.add_argument("signed_by", help="the native reader's name")
    given = asked.parse_args(arguments)
    part = TranslatedPart(given.part)
    new = TranslationSignature(given.language, part, given.signed_by, today, digest_of(given.language, part))
    FILE.write_text(with_signature(FILE.read_text("utf-8"), new), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:], today=datetime.now(ZONE).date())
