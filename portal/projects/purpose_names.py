"""What people call each purpose of published speech; English, translated where it is shown."""

from collections.abc import Mapping

from catalog.consent import Purpose
from portal.http.pages import _

PURPOSE_NAMES: Mapping[Purpose, str] = {
    Purpose.SPEECH_RECOGNITION: _("machines that understand speech"),
    Purpose.SPEECH_SYNTHESIS: _("machines that speak"),
    Purpose.VOICE_CLONING: _("machines that speak with this very voice"),
    Purpose.RESEARCH: _("research"),
    Purpose.COMMERCIAL: _("business"),
}
