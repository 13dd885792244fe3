"""Clips that managers choose among: read once, and kept for the minutes in which somebody tries conditions on them."""

import threading
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import literal, select
from starlette.requests import HTTPConnection

from catalog.config.project import Project
from catalog.database import Catalog
from catalog.states import ClipState
from catalog.tables import Clip
from releases.choose import TextFaults
from releases.selection import Candidates, candidates

KEPT_FOR = timedelta(minutes=2)
MOST_CLIPS = 30_000
"""They lie on disk; of more, counting takes longer than somebody waits: the command line does it."""


class ChoiceRows:
    """Those of one project at a time: memory stays bounded, and two managers of one project share them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[str, datetime, Candidates, TextFaults] | None = None

    def of(
        self, catalog: Catalog, project: Project, text_faults: TextFaults, now: datetime
    ) -> tuple[Candidates, TextFaults] | None:
        """The candidates, and the check of their texts, which remembers. None where they are too many."""
        with self._lock:
            if self._kept and self._kept[0] == project.name and now - self._kept[1] < KEPT_FOR:
                return self._kept[2], self._kept[3]
            with catalog.reading() as session:
                accepted = (Clip.project_id == project.name, Clip.state == ClipState.ACCEPTED)
                one_more = select(literal(1)).select_from(Clip).where(*accepted).offset(MOST_CLIPS).limit(1)
                if session.scalar(one_more) is not None:
                    return None
                rules = project.release
                found = candidates(session, project.name, licence=rules.licence, rendition=rules.rendition)
            remembering = lru_cache(MOST_CLIPS)(text_faults)
            self._kept = (project.name, now, found, remembering)
            return found, remembering


def choice_rows(request: HTTPConnection) -> ChoiceRows:
    """Those of the application that a request came to."""
    state = request.app.state
    if not hasattr(state, "choice_rows"):
        state.choice_rows = ChoiceRows()
    kept = state.choice_rows
    assert isinstance(kept, ChoiceRows)
    return kept
