"""Why accepted clips are held back from a dataset, in sentences for the page of choices."""

from collections.abc import Mapping

from portal.http.pages import _
from releases.selection import HeldBack

HELD_WORDS: Mapping[HeldBack, str] = {
    "no_consent": _("A voice in it has not agreed to publication."),
    "adult_yes_due": _("A voice in it came of age and has not yet said yes itself."),
    "other_purpose": _("A voice in it has not agreed to all that this dataset is used for."),
    "not_aligned": _("Its words have no times yet."),
    "no_text": _("Nothing is said in it that can be written."),
    "open_report": _("Somebody reported it, and nobody has looked yet."),
    "not_chosen": _("It does not meet the conditions."),
    "low_score": _("Its words fit its sound badly."),
    "faulty_text": _("Its text breaks a rule of its language."),
    "too_few_speakers": _("Its language has so few speakers that one could be recognised."),
    "voices_of_two_splits": _("It holds voices that belong to different splits."),
    "heard_under_another_speaker": _("It has the sound of another speaker's clip in another split."),
    "voice_under_another_speaker": _("Its voice is in another split too, under another name."),
    "said_in_another_split": _("Its sentence is said in another split too."),
}
