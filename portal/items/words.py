"""What states and kinds are called on the pages of items, by their stored words."""

from portal.http.pages import _

STATE_WORDS = {
    "received": _("not looked at yet"),
    "ingested": _("taken in"),
    "rejected": _("refused"),
    "failed": _("failed, tried again"),
    "segmented": _("cut into clips"),
    "cut": _("cut, no task yet"),
    "waiting": _("Waiting"),
    "open": _("Waiting"),
    "disputed": _("Disputed"),
    "in_review": _("In review"),
    "returned": _("Sent back"),
    "accepted": _("Accepted"),
    "withdrawn": _("Taken back by the speaker"),
    "final": _("handed in"),
    "late": _("handed in late"),
    "draft": _("kept as a draft"),
    "skip": _("passed on"),
    "accept": _("Accepted as it was written."),
    "accept_minor_change": _("Accepted with a small change."),
    "accept_major_change": _("Accepted with a large change."),
    "send_back": _("Sent back to its author."),
    "reject_audio": _("The sound is rejected."),
    "transcription": _("written down"),
    "review": _("reviewed"),
    "recording": _("recorded"),
    "correction": _("corrected"),
    "aligned": _("aligned"),
    "low_score": _("aligned, words in doubt"),
    "stale": _("to be aligned again"),
    "granted": _("Said yes"),
}
"""A message by stored word; what is not here is shown as it is stored."""
MARKS = {
    "accepted": "ok",
    "ingested": "ok",
    "segmented": "ok",
    "aligned": "ok",
    "granted": "ok",
    "rejected": "bad",
    "failed": "bad",
    "withdrawn": "bad",
    "disputed": "warn",
    "returned": "warn",
    "low_score": "warn",
    "stale": "warn",
}
"""The mark of a state; none for one that is on its way."""
END_WORDS = {
    "cut": _("taken in"),
    "accepted": _("Accepted"),
    "published": _("published"),
    "pending": _("Waiting"),
    "rejected": _("refused"),
    "failed": _("failed"),
    "withdrawn": _("Taken back by the speaker"),
}
"""By the end that the balance names."""
GENDER_WORDS = {"female": _("woman"), "male": _("man"), "other": _("other")}
