"""Remarks on a text, translated: the checker's remark in English, or what its code says in their language."""

from collections.abc import Mapping

from portal.http.pages import _
from portal.i18n.translation import SOURCE, InterfaceLanguage
from transcription.text.checker import TextFinding

REMARKS: Mapping[str, str] = {
    "alternatives": _("Two readings are written {one | other}, and they differ."),
    "bracket": _("< and > only stand around a tag, as in <noise>."),
    "character": _("This letter is not in the alphabet of this language."),
    "digit_form": _("Digits are written in one form."),
    "empty": _("Write what is said, or skip the clip with a reason."),
    "encoding": _("Looks right but is stored in an unusual order: it is put in the usual one."),
    "english_word": _("Write this word in the letters of the language, as it is pronounced."),
    "half_character": _("Half a letter: delete it and type it again."),
    "invisible": _("An invisible character: delete it."),
    "joiner": _("A joiner without meaning here: delete it."),
    "lone_mark": _("This sign has no letter to stand on: was one deleted?"),
    "look_alike": _("Looks like a letter of this language but is another one."),
    "mark_clash": _("Two vowel signs on one letter: keep the one that is said."),
    "ambiguous_letter": _("This letter may be one of two: write the one that is meant."),
    "repeated_mark": _("One sign twice on a letter: delete one, or write what is said."),
    "vowel_sign": _("A vowel sign can't stand here: it belongs to a consonant."),
    "mixed_word": _("A word is written in one script."),
    "numeral": _("Write the number in words, as it is said."),
    "other_script": _("The whole text is in letters that this language is not written in."),
    "old_shape": _("A letter from an old font: the plain one is meant."),
    "punctuation": _("This mark has a plain form."),
    "punctuation_mark": _("This mark is not used here."),
    "rare_letter": _("This letter is seldom used: is it meant?"),
    "repeated_letter": _("The same letter many times: write the word as it is usually spelt."),
    "repeated_word": _("The same word many times: is it said so often?"),
    "sentence_end": _("End the sentence with its mark."),
    "space": _("An unusual space: the plain one is meant."),
    "spacing": _("One space between words, none before a mark or at the ends."),
    "tag_form": _("This tag stands alone: leave the second one out."),
    "tag_spelling": _("A tag is written small, without spaces."),
    "too_little_text": _("Little text for so long a clip: was something left out?"),
    "too_long": _("This is more text than a clip can hold."),
    "too_much_text": _("More text than can be said in this time: is it the text of this clip?"),
    "unclosed_tag": _("A tag that goes around words opens before them and closes after them."),
    "unknown_tag": _("There is no such tag: choose one of the list."),
}
"""By code of the checker; the remark itself, with the letters and figures it is about, is English."""


def translated_remark(finding: TextFinding, interface_language: InterfaceLanguage) -> str:
    """The remark for a reader of that language."""
    return (
        finding.message
        if interface_language.code == SOURCE
        else interface_language.gettext(REMARKS[finding.code])
    )
