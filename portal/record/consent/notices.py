"""The consent notice, before a speaker says yes or no: as text, as sound, as plain questions in their language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.config.project import Project
from catalog.notices import NoticeState, notice_sounds, notice_statuses
from catalog.notices import notice_sound as newest_sound
from catalog.tables import NoticeSound
from portal.context import PortalContext
from portal.http.pages import _
from portal.i18n.translation import LANGUAGES, InterfaceLanguage, interface_language

QUESTIONS: Mapping[str, str] = {
    "transcription": _(
        "May we record your voice and keep it, so that people of this project listen and write down what you say?"
    ),
    "publication": _(
        "May the recording and the text be published, so that anybody may download and use them, for business too?"
    ),
    "voice_cloning": _("May machines be made to speak with your own voice?"),
}
"""By scope, and voice cloning where a project asks for it; asked one by one, so that a yes to one is no yes to all."""
UNDERSTOOD = (
    (_("Can you take your yes back later, on any day?"), "yes"),
    (_("Will your name or your phone number be published?"), "no"),
)
"""What somebody who has understood the notice can answer, with the right answer."""
AGREED: Mapping[str, str] = {
    "transcription": _(
        "My voice is recorded and kept. People of this project listen to it and write down what I say."
    ),
    "publication": _(
        "The recordings and texts are published. Anybody may download and use them, for business too."
    ),
    "voice_cloning": _("Machines may be made to speak with my own voice."),
}
"""The same on the receipt, as the speaker's own words."""
PAPER_TITLE = _("I said yes")
PAPER_CHANGED = _("If I change my mind")
PAPER_HOW = _("I tell whoever recorded me, or show this code. All work on my voice then stops, for ever.")
MOST_BYTES = 5 * 2**20


@dataclass(frozen=True, slots=True)
class Paper:
    """The words of a receipt, in the speaker's language."""

    title: str
    said: tuple[str, ...]
    changed: str
    how: str


def paper_in(speech: InterfaceLanguage, scopes: tuple[str, ...]) -> Paper:
    """scopes: what was agreed to"""
    return Paper(
        title=speech.gettext(PAPER_TITLE),
        said=tuple(speech.gettext(words) for scope, words in AGREED.items() if scope in scopes),
        changed=speech.gettext(PAPER_CHANGED),
        how=speech.gettext(PAPER_HOW),
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """One language's. sound: its address, None where nobody has recorded it; questions: words by scope

    machine: whether a machine reads it; usable: whether people may be asked by it, as `catalog.notices` says
    understood: two questions that show whether it was understood, each with its right answer
    """

    language: str
    own_name: str
    direction: str
    text: str
    sound: str | None
    questions: Mapping[str, str]
    machine: bool
    usable: bool
    demonstration: bool
    understood: tuple["Understood", ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A question after the notice. right: yes or no

    sound: address of it as a person said it, else as a machine does; None where neither can
    """

    question: str
    right: str
    sound: str | None


def notices_of(context: PortalContext, project: Project, reader: InterfaceLanguage) -> tuple[Notice, ...]:
    """The project's notices. reader: for the questions where we don't speak the language of a notice"""
    with context.catalog.reading() as session:
        states = {each.language: each.state for each in notice_statuses(session, project)}
        sounds = notice_sounds(session, project)
        read = [notice_sounds(session, project, question=words) for words, _right in UNDERSTOOD]
    return tuple(
        _notice(
            context,
            project,
            code,
            text,
            states[code],
            sounds.get(code),
            [code in each for each in read],
            interface_language_or(code, reader),
        )
        for code, text in project.consent.notices.items()
    )


def _understood(
    context: PortalContext, code: str, speech: InterfaceLanguage, read_aloud: Sequence[bool]
) -> tuple["Understood", ...]:
    """read_aloud: which of the questions a person has said"""
    return tuple(
        Understood(
            speech.gettext(words),
            right,
            f"/speakers/notice/{code}/{number}.ogg" if said or question_in(context, code, number) else None,
        )
        for number, ((words, right), said) in enumerate(zip(UNDERSTOOD, read_aloud, strict=True))
    )


def _notice(
    context: PortalContext,
    project: Project,
    code: str,
    text: str,
    state: NoticeState,
    kept: NoticeSound | None,
    read_aloud: Sequence[bool],
    speech: InterfaceLanguage,
) -> Notice:
    heard = kept is not None or sound_file(context, project, code) is not None
    return Notice(
        language=code,
        own_name=context.languages[code].own_name,
        direction=context.languages[code].direction,
        text=text,
        sound=f"/speakers/notice/{code}.ogg" if heard else None,
        questions={asked: speech.gettext(QUESTIONS[asked]) for asked in project.consent.questions},
        machine=kept is not None and kept.machine,
        usable=state.may_be_used,
        demonstration=state is NoticeState.DEMONSTRATION,
        understood=_understood(context, code, speech, read_aloud),
    )


@dataclass(frozen=True, slots=True)
class SpokenQuestion:
    """A question in the speaker's own language, and the voice that says it."""

    text: str
    voice: str


def question_in(context: PortalContext, language: str, number: int) -> SpokenQuestion | None:
    """None where we don't speak the language, or espeak-ng doesn't."""
    code = language.partition("-")[0]
    known = context.languages.get(language)
    if known is None or code not in LANGUAGES or not 0 <= number < len(UNDERSTOOD):
        return None
    if known.espeak_voice is None:
        return None
    return SpokenQuestion(interface_language(code).gettext(UNDERSTOOD[number][0]), known.espeak_voice)


def kept_sound(
    context: PortalContext, project: Project, language: str, *, number: int | None = None
) -> NoticeSound | None:
    """The notice, or the question of that number after it, as it was read aloud under Manage, Notices."""
    if number is not None and not 0 <= number < len(UNDERSTOOD):
        return None
    with context.catalog.reading() as session:
        question = None if number is None else UNDERSTOOD[number][0]
        return newest_sound(session, project, language, question=question)


def sound_file(context: PortalContext, project: Project, language: str) -> Path | None:
    """The notice as somebody read it aloud: configs/notices/<project>/<language>.ogg."""
    if language not in project.consent.notices:
        return None
    path = context.configs / "notices" / project.name / f"{language}.ogg"
    return path if path.is_file() and path.stat().st_size <= MOST_BYTES else None


def interface_language_or(language: str, otherwise: InterfaceLanguage) -> InterfaceLanguage:
    """The interface in the speaker's language, where we have it."""
    code = language.partition("-")[0]
    return interface_language(code) if code in LANGUAGES else otherwise
