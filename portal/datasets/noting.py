"""Writing downloads into the ledger: whose, of which version, of how many bytes."""

from collections.abc import Iterable

from portal.context import PortalContext
from portal.datasets.editions import Edition
from portal.datasets.kept_versions import KeptVersions
from portal.http.byte_range import byte_range
from releases.downloads import holds_rows, note_download
from releases.local_copy import WITHDRAWN
from releases.refusals import BrokenManifest, NoSuchVersion


def note_file(
    context: PortalContext, person_id: str, edition: Edition, path: str, *, size: int, wanted: str | None
) -> None:
    """Somebody asks for a file of a version. wanted: the Range header. A file without rows isn't noted."""
    span = byte_range(wanted, size)
    if span is not None and holds_rows(path):
        note_bytes(context, person_id, edition, len(span))


def note_bytes(context: PortalContext, person_id: str, edition: Edition, size: int) -> None:
    """Somebody asks for so many bytes of a version's rows."""
    with context.catalog.writing() as session:
        note_download(session, person_id, edition.id, size=size, at=context.clock())


def edition_of_object(
    context: PortalContext, kept: KeptVersions, found: Iterable[Edition], path: str, *, of: str
) -> Edition | None:
    """The version whose rows somebody holds once they have that object; None for one that holds no rows.

    found: versions of the dataset, the newest first
    of:    the version that the caller says they are fetching, as versions share parts; else the newest with that part
    """
    by_version = {each.version: each for each in found}
    named = by_version.get(of)
    if path == WITHDRAWN:
        return named
    folder, _, inside = path.removeprefix("redacting/").partition("/")
    if folder != "parts":
        return by_version.get(folder) if inside and holds_rows(inside) else None
    candidates = [*([named] if named else []), *by_version.values()]
    return next((each for each in candidates if _names(context, kept, each, inside)), None)


def _names(context: PortalContext, kept: KeptVersions, edition: Edition, part: str) -> bool:
    try:
        version = kept.of(context.store, edition.dataset, edition.version)
    except (
        NoSuchVersion,
        BrokenManifest,
    ):  # the store and the catalogue disagree: `boli release verify` says so
        return False
    return any(f"{each.sha256}.parquet" == part for each in version.parts)
