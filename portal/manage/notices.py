"""Consent notices: what they say, how they sound, and which native speaker signed for each."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from audio.by_name import ByName
from audio.errors import JobFailed, UnusableRecording
from audio.file_results import ReadAloud
from audio.limits import Limits
from audio.sandbox import Sandbox
from catalog import notices
from catalog.config.sentence import sentence_of
from catalog.errors import UserError
from catalog.keys import notice_key
from catalog.notices import NoticeState, NoticeStatus
from catalog.reasons import reason
from catalog.tables import NoticeSound
from portal.access.guard import Manager
from portal.access.session import Signed
from portal.context import PortalContext, context_of
from portal.http.pages import _, interface_language_of, render
from portal.record.consent.notices import UNDERSTOOD, interface_language_or

_person_reads = ByName("audio.read_aloud", "person_reads", ReadAloud)
_machine_reads = ByName("audio.read_aloud", "machine_reads", ReadAloud)
MOST_SECONDS = 600
MOST_BYTES = 2 * 2**20
"""As every body that the portal takes: ten minutes as a phone records speech."""
STATES: Mapping[NoticeState, str] = {
    NoticeState.SIGNED: _("signed by a native speaker"),
    NoticeState.IN_USE_BEFORE: _(
        "in use since before signatures were asked for: let a native speaker read it"
    ),
    NoticeState.DEMONSTRATION: _("This is a demonstration: record nobody real under this notice."),
    NoticeState.PUBLIC_LICENCE: _("nobody is asked: these recordings are public already"),
    NoticeState.UNSIGNED: _("not yet read by a native speaker: nobody is asked by it"),
}

NOT_READ = _("No machine voice could read this notice. Record somebody who reads it aloud.")

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One language's. voice: whether a machine can read it

    questions: that are asked after it, in its language where we speak it, each with its sound as a person said it
    """

    status: NoticeStatus
    text: str
    sound: NoticeSound | None
    voice: bool
    questions: tuple[tuple[str, NoticeSound | None], ...]


@router.get("/manage/notices")
def page(request: Request, signed: Manager, done: str = "") -> Response:
    """Every notice of the project. done: what was just written down"""
    return _page(request, signed, done=done)


@router.post("/manage/notices/{language}/sign")
def sign(
    request: Request,
    signed: Manager,
    language: str,
    signed_by: Annotated[str, Form(max_length=200)] = "",
    read: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """A native speaker read it, word for word. read: ticked"""
    context = context_of(request)
    if not read:
        words = _("They read it, word for word, and it says what the English one says.")
        return _page(request, signed, refused=interface_language_of(request).gettext(words))
    try:
        with context.catalog.writing() as session:
            notices.sign_notice(
                session,
                context.project(signed.project),
                language,
                signed_by=signed_by,
                recorded_by=signed.person_id,
                at=context.clock(),
            )
    except UserError as refused:
        return _page(request, signed, refused=sentence_of(refused))
    return RedirectResponse("/manage/notices?done=signed", 303)


@router.post("/manage/notices/{language}/sound")
def recorded(
    request: Request,
    signed: Manager,
    language: str,
    sound: UploadFile,
    number: Annotated[int | None, Form(ge=0, lt=len(UNDERSTOOD))] = None,
) -> Response:
    """The notice as a person read it aloud; with a number the question of that number after it."""
    context = context_of(request)
    _known(context, signed, language)
    limits = Limits(max_seconds=MOST_SECONDS, address_space=context.limits.address_space)
    with tempfile.TemporaryDirectory(prefix="boli-notice-") as folder, Sandbox(1, limits) as sandbox:
        path = Path(folder) / "notice"
        path.write_bytes(sound.file.read(MOST_BYTES))
        try:
            made = sandbox.run(_person_reads, path, limits)
        except UnusableRecording as refused:
            return _page(request, signed, refused=_why(request, refused.code))
    question = None if number is None else UNDERSTOOD[number][0]
    _keep(context, signed, language, made, machine=False, question=question)
    return RedirectResponse("/manage/notices?done=sound", 303)


def _why(request: Request, code: str) -> str:
    """Why a recording can't be used, and what to do, in the reader's language."""
    found, say = reason(code), interface_language_of(request).gettext
    return f"{say(found.sentence)} {say(found.mend)}"


@router.post("/manage/notices/{language}/voice")
def machine(request: Request, signed: Manager, language: str) -> Response:
    """The notice as espeak-ng says it; listeners see that a machine speaks."""
    context = context_of(request)
    text = _known(context, signed, language)
    voice = context.languages[language].espeak_voice
    if voice is None:
        raise HTTPException(404)
    with Sandbox(1) as sandbox:
        try:
            made = sandbox.run(_machine_reads, text, voice)
        except (UnusableRecording, JobFailed):
            return _page(request, signed, refused=interface_language_of(request).gettext(NOT_READ))
    _keep(context, signed, language, made, machine=True)
    return RedirectResponse("/manage/notices?done=sound", 303)


def _known(context: PortalContext, signed: Signed, language: str) -> str:
    text = context.project(signed.project).consent.notices.get(language)
    if text is None:
        raise HTTPException(404)
    return text


def _keep(
    context: PortalContext,
    signed: Signed,
    language: str,
    made: ReadAloud,
    *,
    machine: bool,
    question: str | None = None,
) -> None:
    sha256 = hashlib.sha256(made.opus).hexdigest()
    key = notice_key(sha256)
    context.store.put_bytes(key, made.opus)
    with context.catalog.writing() as session:
        notices.keep_sound(
            session,
            context.project(signed.project),
            language,
            key=key,
            sha256=sha256,
            seconds=made.seconds,
            machine=machine,
            by=signed.person_id,
            at=context.clock(),
            question=question,
        )


def _page(request: Request, signed: Signed, *, refused: str = "", done: str = "") -> Response:
    context = context_of(request)
    project, reader = context.project(signed.project), interface_language_of(request)
    with context.catalog.reading() as session:
        sounds = notices.notice_sounds(session, project)
        asked = [
            (words, notices.notice_sounds(session, project, question=words)) for words, _right in UNDERSTOOD
        ]
        lines = [
            NoticeLine(
                status,
                project.consent.notices[status.language],
                sounds.get(status.language),
                context.languages[status.language].espeak_voice is not None,
                tuple(
                    (
                        interface_language_or(status.language, reader).gettext(words),
                        as_said.get(status.language),
                    )
                    for words, as_said in asked
                ),
            )
            for status in notices.notice_statuses(session, project)
        ]
    return render(
        request,
        "manage/notices.html.j2",
        status=422 if refused else 200,
        lines=lines,
        states=STATES,
        languages=context.languages,
        refused=refused,
        done=done,
        version=project.consent.version,
    )
