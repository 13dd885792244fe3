"""The page of an export: everything about one voice, to read and listen to without any program but a browser."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog import reasons
from catalog.config.project import Project
from catalog.speakers import SpeakerFacts
from catalog.states import ReviewDecision
from catalog.tables import Speaker
from catalog.voice_records import ClipRecord, ConsentRecord, FileRecord, consents_of, versions_with
from portal.http.pages import _, render_alone
from portal.i18n.translation import LANGUAGES, SOURCE, InterfaceLanguage, interface_language
from portal.record.consent.notices import AGREED
from portal.record.speakers.form import GENDERS, SCHOOLING, PrivateFacts
from portal.record.speakers.queries import facts_of, private_of
from transcription.rules.language import Language

DECISIONS: Mapping[ReviewDecision, str] = {
    ReviewDecision.ACCEPT: _("Accepted"),
    ReviewDecision.ACCEPT_MINOR: _("Accepted"),
    ReviewDecision.ACCEPT_MAJOR: _("Accepted"),
    ReviewDecision.SEND_BACK: _("Sent back"),
    ReviewDecision.REJECT_AUDIO: _("refused"),
}
FileShown = tuple[FileRecord, str | None, Iterator[tuple[ClipRecord, str | None]]]
"""A file, the name of its sound in the zip, and its clips with the names of theirs."""


@dataclass(frozen=True, slots=True)
class VoicePage:
    """What is at the top of the page. private: None where it is left out, as to whoever holds the paper"""

    speaker_id: str
    project: Project
    facts: SpeakerFacts
    private: PrivateFacts | None
    guardian: str | None
    consents: tuple[ConsentRecord, ...]
    versions: tuple[tuple[str, int], ...]
    languages: Mapping[str, Language]
    at: datetime

    @property
    def speech(self) -> InterfaceLanguage:
        """The speaker's own, where the interface has it."""
        code = (self.facts.language or SOURCE).partition("-")[0]
        return interface_language(code if code in LANGUAGES else SOURCE)

    def html(self, files: Iterable[FileShown]) -> Iterator[str]:
        """The page, piece by piece. files: as `catalog.voice_records` reads them"""
        speech = self.speech
        yield render_alone(
            "record/export/head.html.j2",
            speech,
            page=self,
            genders=GENDERS,
            schooling=SCHOOLING,
            agreed=AGREED,
            notices=self.project.consent.notices,
            present_version=self.project.consent.version,
        )
        for count, (file, sound, clips) in enumerate(files, start=1):
            yield render_alone(
                "record/export/file.html.j2",
                speech,
                file=file,
                sound=sound,
                number=count,
                why=_reason(file.reason),
                languages=self.languages,
            )
            for clip, clip_sound in clips:
                yield render_alone(
                    "record/export/clip.html.j2",
                    speech,
                    clip=clip,
                    sound=clip_sound,
                    why=_reason(clip.reason),
                    decisions=DECISIONS,
                    reasons=reasons.REASONS,
                    language=self.languages.get(file.language or ""),
                )
            yield "</section>\n"
        yield render_alone("record/export/foot.html.j2", speech)


def voice_page(
    session: Session,
    speaker: Speaker,
    project: Project,
    languages: Mapping[str, Language],
    *,
    at: datetime,
    tells_private: bool,
) -> VoicePage:
    """All that is read before the files. tells_private: whether name, phone and guardian are shown"""
    private, guardian = private_of(session, speaker.id) if tells_private else (None, None)
    return VoicePage(
        speaker_id=speaker.id,
        project=project,
        facts=facts_of(session, speaker.id),
        private=private,
        guardian=guardian,
        consents=consents_of(session, speaker.id),
        versions=versions_with(session, speaker.id),
        languages=languages,
        at=at,
    )


def _reason(code: str | None) -> str | None:
    """In words, to be translated; None where there is none, or it is no code of ours."""
    return reasons.reason(code).sentence if code and code in reasons.REASONS else None
