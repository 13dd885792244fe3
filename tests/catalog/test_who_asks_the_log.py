"""Whoever asks the audit log's table for acts asks for ones that are there: kept for good, or of late."""

import ast
from pathlib import Path

from catalog.config.settings import ROOT

ROOMS = ("audio", "boli", "catalog", "flows", "portal", "releases", "transcription")
KEPT = {
    "boli/demo/sample_people.py",
    "catalog/age.py",
    "catalog/reconciliation/accounts.py",
    "catalog/turned_away.py",
    "portal/record/speakers/queries.py",
    "transcription/appeals.py",
    "transcription/second_look.py",
}
"""Ask for kinds of catalog.audit_archive.still_asked."""
OF_LATE = {
    "catalog/retention.py": "what was swept today",
    "portal/imports/speakers.py": "what changed since a list came in, within the month in which it can be taken back",
    "portal/items/drafts_of_clip.py": "whose list brought a draft text: of an old one the list alone is named",
    "transcription/drafts/measuring.py": "the newest of their kinds, a sign of change: archived, they count once more",
    "transcription/slots/ordering.py": "the newest of its kind, as a sign of change: an archived one orders once more",
    "transcription/slots/new_words.py": "voices taken back since its last run, minutes ago",
    "transcription/slots/work_sums.py": "what was touched since the last run; the rest in turn besides",
    "transcription/clip_reports/reporting.py": "who held the clip, where the slot does not say it",
    "transcription/exchange/handing_in.py": "who held the slot, where neither it nor a text says so",
}
OF_ALL = {
    "boli/life.py",
    "catalog/audit.py",
    "catalog/audit_archive/archiving.py",
    "catalog/audit_archive/wanted.py",
    "portal/access/acts_of_project.py",
    "portal/access/audit_log.py",
}
"""Read on in the store, or are the log itself."""


def asks(path: Path) -> bool:
    names = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in ("catalog.tables", "catalog.tables.records")
        for alias in node.names
    }
    return "AuditEvent" in names


def test_every_module_that_asks_for_acts_is_known_with_what_it_asks_for() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path.name != "__init__.py" and "migrations" not in path.parts and asks(path)
    }

    assert asking == KEPT | OF_LATE.keys() | OF_ALL


def test_those_that_ask_for_kept_kinds_name_them_by_their_list() -> None:
    for name in sorted(KEPT):
        assert "catalog.audit_archive.still_asked" in (ROOT / name).read_text("utf-8"), name
