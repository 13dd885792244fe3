"""Rules of the consent machine by which a yes comes to be for less, without being taken back."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from catalog import consent
from catalog.consent import ConsentScope
from catalog.speakers import SpeakerFacts, revise_speaker
from catalog.tables import Release, ReleaseItem
from tests.end_to_end.consent_promise import VOICES, PromiseState, voice_id

voices = st.sampled_from(VOICES)


class AgreesToLess(PromiseState):
    """published: who agrees to be published; held: who said yes as an adult, and is a child by what is known now."""

    def __init__(self) -> None:
        super().__init__()
        self.published = dict.fromkeys(VOICES, False)
        self.held = dict.fromkeys(VOICES, False)
        self.grew_up = dict.fromkeys(VOICES, False)

    @rule(voice=voices)
    def agrees_to_be_listened_to_alone(self, voice: str) -> None:
        if not self.yes[voice] or self.held[voice]:
            return
        with self.catalog.writing() as session:
            consent.grant(
                session,
                speaker_id=voice_id(voice),
                scopes=[ConsentScope.TRANSCRIPTION],
                notice_version="1",
                notice_language="te",
                evidence=f"tape {self._act()}",
                evidence_sha256=None,
                recorded_by="asha",
                at=self.archive.later(),
            )
        self.published[voice] = False
        self.came_of_age[voice] = False

    @rule(voice=voices)
    def turns_out_to_be_a_child(self, voice: str) -> None:
        if not self.yes[voice] or self.grew_up[voice]:
            return
        facts = SpeakerFacts(voice, language="te", gender="female", age_band="13-17")
        at = self.archive.later()
        with self.catalog.writing() as session:
            revise_speaker(
                session,
                speaker_id=voice_id(voice),
                facts=facts,
                actor="asha",
                at=at,
                of_age_on=(at + timedelta(days=1000)).date(),
            )
        self.held[voice] = self.grew_up[voice] = True  # once: from then on a guardian says yes

    def _may_be_published(self, voice: str) -> bool:
        return self.yes[voice] and self.published[voice] and not self.held[voice]

    def _published_now(self) -> set[str]:
        """Whose rows stand in a version."""
        with self.catalog.reading() as session:
            return set(
                session.scalars(
                    select(ReleaseItem.speaker)
                    .join(Release, Release.id == ReleaseItem.release_id)
                    .where(ReleaseItem.erased_at.is_(None), Release.state != "building")
                )
            )
