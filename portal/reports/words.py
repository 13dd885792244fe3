"""The words for what is reported, found and decided, in the reader's language where they are shown."""

from collections.abc import Mapping

from catalog.states import ReportKind
from portal.http.pages import _

KINDS: Mapping[ReportKind, str] = {
    ReportKind.BYSTANDER: _("Somebody else speaks"),
    ReportKind.PERSONAL: _("A name, number or address is said"),
    ReportKind.OTHER: _("Something else nobody should hear"),
}
"""In the order of the keys 1 to 3."""
FOUND: Mapping[str, str] = {
    "aadhaar": _("an Aadhaar number"),
    "payment_card": _("the number of a payment card"),
    "phone": _("a phone number"),
    "bank_account": _("a bank account"),
    "email": _("an e-mail address"),
    "long_number": _("a long number, digit by digit"),
}
_MENDED = _("Within the hour it is done everywhere, and past versions lose the clip as it was.")
DECIDED: Mapping[str, str] = {
    "dismiss": _("Nothing was wrong: the clip is open again."),
    "bleep": _MENDED,
    "trim": _MENDED,
    "reject": _("The clip is used for nothing any more, and past versions lose it."),
}
