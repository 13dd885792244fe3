"""The end to which the balance says that a file or a clip came, so that its numbers lead to what they count."""

from sqlalchemy import ColumnElement, case, exists

from catalog.reconciliation.balance import RECORDING_ENDS, UPLOAD_ENDS
from catalog.states import ClipState, ReleaseState, UploadState
from catalog.tables import Clip, Recording, Release, ReleaseItem, Upload


def file_end() -> ColumnElement[str]:
    """cut, pending, rejected, failed or withdrawn. For a query in which Recording is joined to Upload, outer."""
    taken_in = Upload.state == UploadState.INGESTED
    became = [(taken_in & (Recording.state == state), end) for state, end in RECORDING_ENDS.items()]
    remained = [(Upload.state == state, end) for state, end in UPLOAD_ENDS.items()]
    return case(*became, *remained)


def clip_end() -> ColumnElement[str]:
    """published, accepted, rejected, withdrawn or pending."""
    is_published = exists().where(
        ReleaseItem.clip_id == Clip.id,
        ReleaseItem.erased_at.is_(None),
        Release.id == ReleaseItem.release_id,
        Release.project_id == Clip.project_id,
        Release.state != ReleaseState.BUILDING,
    )
    accepted = Clip.state == ClipState.ACCEPTED
    return case(
        (accepted & is_published, "published"),
        (accepted, "accepted"),
        (Clip.state == ClipState.REJECTED, "rejected"),
        (Clip.state == ClipState.WITHDRAWN, "withdrawn"),
        else_="pending",
    )
