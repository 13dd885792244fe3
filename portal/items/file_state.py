"""The state of a file as a person would say it: of what was sent, and of the recording that it became."""

from sqlalchemy import ColumnElement, String, case, cast, func

from catalog.states import RecordingState, UploadState
from catalog.tables import Recording, Upload

TAKEN_IN = str(UploadState.INGESTED)


def file_state() -> ColumnElement[str]:
    """received, ingested, rejected, failed or withdrawn. For a query in which Recording is joined to Upload, outer.

    A file that became a recording which was refused is refused, whatever its receipt said first.
    """
    kept = Recording.state.in_((RecordingState.ACCEPTED, RecordingState.SEGMENTED))
    return case(
        (kept, TAKEN_IN), else_=func.coalesce(cast(Recording.state, String), cast(Upload.state, String))
    )
