"""The explanation why a clip is with a reviewer, in a sentence of their language."""

from typing import Literal

from portal.http.pages import _
from portal.i18n.formats import Formats
from portal.i18n.translation import InterfaceLanguage
from portal.write import reasons
from transcription.decisions.grounds import Ground, Why
from transcription.decisions.plausibility import Sign

LETTERS = _("The two closest texts differ in %(share)s of their letters")
DIFFER = _("The texts differ")
SAID = _("Somebody who heard it says: %(reason)s")
ASKED = _("Somebody asks for a look: %(words)s")
GROUNDS = {
    Ground.WORDS: _("Only single words differ"),
    Ground.ALIKE: _("The texts agree, but too little is known of those who wrote them to rely on it"),
    Ground.DRAWN: _("Drawn by lot, to see that all goes well"),
    Ground.REWRITTEN: _("Written again after it was sent back"),
    Ground.ALONE: _("Nobody else was there to write it too"),
}
_ALIKE = _("Nearly the same text was written for another clip")
SIGNS = {
    Sign.PACE: _("Too much or too little text for so long a clip"),
    Sign.LANGUAGE: _("The text doesn't read like this language"),
    Sign.REPEATED: _ALIKE,
    Sign.COPIED: _ALIKE,
    Sign.UNHEARD: _("Written in less time than the clip lasts"),
}


def explanation(why: Why, measure: Literal["cer", "wer"], interface_language: InterfaceLanguage) -> str:
    """The sentences side by side; the stored English words where no code says it.

    measure: what `why.error` is a share of, letters or words
    """
    said = [_sentence(ground, why, measure, interface_language) for ground in why.grounds]
    return " · ".join(said) if said and all(said) else why.words


def _sentence(
    ground: Ground, why: Why, measure: Literal["cer", "wer"], interface_language: InterfaceLanguage
) -> str:
    """Empty where the facts don't say."""
    match ground:
        case Ground.DIFFER:
            if why.error is None or measure == "wer":
                return interface_language.gettext(DIFFER)
            return interface_language.gettext(LETTERS) % {
                "share": Formats(interface_language).share(min(1.0, why.error))
            }
        case Ground.SIGNS:
            return " · ".join(dict.fromkeys(interface_language.gettext(SIGNS[sign]) for sign in why.signs))
        case Ground.SAID:
            code = (reasons.SKIPS | reasons.REPORTS).get(why.reason or "")
            return (
                interface_language.gettext(SAID) % {"reason": interface_language.gettext(code)}
                if code
                else ""
            )
        case Ground.ASKED:
            return interface_language.gettext(ASKED) % {"words": why.words}
        case _:
            return interface_language.gettext(GROUNDS[ground])
