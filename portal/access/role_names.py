"""What people call each role; English, translated where it is shown."""

from collections.abc import Mapping

from catalog.states import Role
from portal.http.pages import _

ROLE_NAMES: Mapping[Role, str] = {
    Role.COORDINATOR: _("coordinator"),
    Role.TRANSCRIBER: _("transcriber"),
    Role.REVIEWER: _("reviewer"),
    Role.MANAGER: _("manager"),
    Role.ML_READER: _("dataset reader"),
}
