"""What a manager of the full portal answers for: voices taken back, a breach, settings that were changed."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from catalog import consent
from catalog.breaches import name_speakers, open_breach
from catalog.config.project_files import read_project_file
from catalog.config.settings import ROOT
from catalog.config.yaml_edit import edited
from catalog.consent import ConsentScope
from catalog.legal_hold import HoldOrder, place
from catalog.project_versions import note_by_hand
from catalog.speakers import SpeakerFacts, register_speaker
from catalog.tables import ConsentEvent


def happened(session: Session, yes_id: str, *, now: datetime) -> None:
    """What a manager answers for: a voice that was taken back, another that a court wants kept, a breach."""
    yes = session.get_one(ConsentEvent, yes_id)
    for pseudonym, held in (("te-31", False), ("te-32", True)):
        facts = SpeakerFacts(pseudonym, language="te", gender="female", age_band="35-44", district="Nalgonda")
        speaker = register_speaker(session, project_id="demo", facts=facts, actor="tests", at=now)
        consent.grant(
            session,
            speaker_id=speaker.id,
            scopes=[ConsentScope(scope) for scope in yes.scopes],
            notice_version=yes.notice_version,
            notice_language=yes.notice_language,
            evidence="spoken",
            evidence_sha256=None,
            recorded_by="tests",
            at=now,
        )
        session.flush()
        if held:
            order = HoldOrder(
                "District Court Nalgonda, 114/2026", "Evidence in a dispute", now + timedelta(days=90)
            )
            place(session, order, project_id="demo", speaker_id=speaker.id, by="tests", at=now)
        consent.withdraw(session, speaker_id=speaker.id, recorded_by="receipt", at=now)
    _had_other_settings(session, now)
    breach = open_breach(
        session,
        project_id="demo",
        what="A phone with the list of names was lost",
        known_at=now - timedelta(hours=9),
        people=40,
        by="tests",
        at=now,
    )
    name_speakers(session, breach, ["te-01"], project_id="demo", by="tests", at=now)


def _had_other_settings(session: Session, now: datetime) -> None:
    """The project's settings as somebody once had them, and as they are."""
    file = read_project_file(ROOT / "configs" / "projects", "demo")
    before = replace(file, text=edited(file.text, {("limits", "upload_mb"): 100}), sha256="0" * 64)
    note_by_hand(session, before, now=now - timedelta(days=9))
    note_by_hand(session, file, now=now)
