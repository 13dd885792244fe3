"""Why a clip is passed on or reported, in a transcriber's words. The codes are those of catalog.reasons."""

from portal.http.pages import _

SKIPS = {
    "inaudible": _("I can't make out the words"),
    "no_speech_heard": _("Nobody speaks"),
    "not_my_dialect": _("Not my dialect"),
    "overlapping_voices": _("People talk over each other"),
    "too_noisy": _("Too noisy"),
    "cut_words": _("It begins or ends inside a word"),
}
"""In the order of the keys 1 to 6."""

REPORTS = {
    "personal_information": _("A name, number or address that should not be public"),
    "bystander": _("Somebody else speaks"),
    "offensive": _("Insults or hatred"),
    "wrong_language": _("Another language"),
    "no_consent_heard": _("The speaker seems not to know they are recorded"),
    "reported_otherwise": _("Something else nobody should hear"),
}
"""What a reviewer has to look at, whoever says it first."""

RETURNS = {
    "missing_words": _("Words that are said are not written."),
    "added_words": _("Words are written that nobody says."),
    "wrong_words": _("Words are written wrong."),
    "spelling": _("Spelling."),
    "tags_wrong": _("Tags are missing or wrong."),
    "numbers_wrong": _("Numbers are not written as the guideline says."),
    "english_wrong": _("English words are not written as the guideline says."),
}
"""Why a reviewer sent a text back."""
