"""Taking back a list of districts: the one that it took the place of is in use again, where no third came since."""

from collections.abc import Sequence

from portal.imports.fates import ImportContext, ItemFate, StayReason, Undoing
from portal.places import digest, keep_places, kept_bytes, remove_places


def _fates(context: ImportContext) -> Sequence[ItemFate]:
    (kept,) = context.found.items
    now = kept_bytes(context.portal.configs, context.found.project_id)
    if now is None:
        return []
    replaced = None if digest(now) == kept else StayReason.REPLACED
    return [ItemFate(kept, kept[:12], "/manage/places", replaced)]


def _take_back(context: ImportContext, going: Sequence[ItemFate]) -> None:
    """Raises OSError where the folder can't be written."""
    configs, project, before = context.portal.configs, context.found.project_id, context.found.replaced
    if not going:
        return
    if before is None:
        remove_places(configs, project)
    else:
        keep_places(configs, project, before.encode())


PLACES = Undoing(_fates, _take_back)
