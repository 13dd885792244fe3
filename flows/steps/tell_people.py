"""People hear of their news outside the portal: notices that are due are made, and sent through what each chose."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from catalog.coverage import Board, Spoken, boards, spoken
from catalog.figures import has_more_clips, kept_figure
from catalog.ids import content_id
from catalog.states import NewsChannel, Role
from catalog.tables import PushSubscription
from flows.mail import Mail, MailNotSent, send
from flows.posting import NotPosted, post_to_operators
from flows.push.send import PushOutcome, send_push
from flows.workspace import Workspace
from transcription.news.notices import Counts
from transcription.news.outbox import (
    TOO_LATE,
    MakePlan,
    WaitingNotice,
    claim,
    drop_old,
    make_notices,
    note_failed,
    note_sent,
    waiting_notices,
)
from transcription.news.subscriptions import browsers_of, drop_ended, forget_endpoint
from transcription.news.texts import NoticeTexts, load_notice_texts
from transcription.news.week import week_plan

COVERAGE = "coverage"
"""The figure that the portal keeps of what was recorded (portal.coverage)."""
COUNTED_AT_ONCE = 10_000
SEVERAL = "several"


class NotSent(Exception):
    """A channel did not take a notice; the next run tries again, a few times."""


@dataclass(frozen=True, slots=True)
class NoticesReport:
    """made: notices that are new, one for each channel; sent and failed now"""

    made: int = 0
    sent: int = 0
    failed: int = 0


def tell_people(workspace: Workspace, *, now: datetime) -> NoticesReport:
    """Make what notices are due and send what waits. One that can't be sent stops no other.

    A notice is claimed before it is sent: killed in between, it is lost, and stands in the portal all the same.
    """
    catalog, project, available = workspace.catalog, workspace.project.name, workspace.news.available
    if not available:
        return NoticesReport()
    with catalog.writing() as session:
        drop_ended(session)
        drop_old(session, project, now=now)
    made = make_notices(catalog, project, available, _planner(workspace, now), now=now)
    with catalog.reading() as session:
        waiting = waiting_notices(session, project, now=now)
    if not waiting:
        return NoticesReport(made)
    texts, sent, failed = load_notice_texts(workspace.news.texts), 0, 0
    for notice in waiting:
        with catalog.writing() as session:
            mine = notice.channel in available and claim(session, notice.id)
        if not mine:
            continue
        try:
            _SENDERS[notice.channel](workspace, notice, texts, now)
        except NotSent as error:
            failed += 1
            with catalog.writing() as session:
                note_failed(session, notice.id, str(error))
        else:
            sent += 1
            with catalog.writing() as session:
                note_sent(session, notice.id, at=now)
    return NoticesReport(made, sent, failed)


def push_payload(
    counts: Counts, texts: NoticeTexts, *, language: str, title: str, topic: str
) -> Mapping[str, str]:
    """What a browser is sent: how many of which kind, in words; of nobody and by nobody. title: of the project"""
    kinds = list(counts)
    return {
        "title": title,
        "body": "\n".join(texts.of(language).said(counts)),
        "language": language,
        "kind": kinds[0] if len(kinds) == 1 else SEVERAL,
        "topic": topic,
    }


def _push(workspace: Workspace, notice: WaitingNotice, texts: NoticeTexts, now: datetime) -> None:
    """To every browser of theirs; one that took it is enough. Those that are gone are forgotten."""
    with workspace.catalog.reading() as session:
        browsers = browsers_of(session, notice.person_id)
    topic = content_id("news", workspace.project.name)[-20:]  # RFC 8030, 5.4: 32 characters at most
    taken, why = 0, "no browser of theirs is left"
    for browser in browsers:
        result = send_push(
            workspace.news,
            browser,
            push_payload(
                notice.counts, texts, language=browser.language, title=workspace.project.title, topic=topic
            ),
            topic=topic,
            lasts=TOO_LATE,
            now=now,
        )
        if result.outcome is PushOutcome.GONE:
            _forget(workspace, browser)
        taken += result.outcome is PushOutcome.TAKEN
        why = result.why or why
    if not taken:
        raise NotSent(f"{why}.")


def _mail(workspace: Workspace, notice: WaitingNotice, texts: NoticeTexts, now: datetime) -> None:
    if workspace.news.mail is None or notice.email is None:
        raise NotSent("they gave no e-mail address.")
    text = texts.of(notice.language)
    subject = f"{workspace.project.title}: {text.subject}"
    mail = Mail(notice.id, notice.email, subject, "\n".join(_lines(workspace, notice, texts)) + "\n")
    try:
        send(workspace.news.mail, mail, at=now)
    except MailNotSent as error:
        raise NotSent(str(error)) from error


def _gateway(workspace: Workspace, notice: WaitingNotice, texts: NoticeTexts, _now: datetime) -> None:
    """As JSON. `id` is the same whenever one notice is posted again, and stands in `Idempotency-Key` too."""
    if workspace.news.gateway is None or notice.phone is None:
        raise NotSent("they gave no phone number.")
    message = {
        "id": notice.id,
        "to": notice.phone,
        "language": notice.language,
        "text": "\n".join([workspace.project.title, *_lines(workspace, notice, texts)]),
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": notice.id}
    try:
        post_to_operators(workspace.news.gateway, json.dumps(message).encode(), headers)
    except NotPosted as error:
        raise NotSent(f"the gateway did not take it: {error}") from error


_SENDERS = {NewsChannel.PUSH: _push, NewsChannel.MAIL: _mail, NewsChannel.GATEWAY: _gateway}


def _lines(workspace: Workspace, notice: WaitingNotice, texts: NoticeTexts) -> list[str]:
    text = texts.of(notice.language)
    return [*text.said(notice.counts), text.look.format(address=f"{workspace.news.portal}/news")]


def _forget(workspace: Workspace, browser: PushSubscription) -> None:
    with workspace.catalog.writing() as session:
        forget_endpoint(session, browser)


def _planner(workspace: Workspace, now: datetime) -> MakePlan:
    """What the week asks of somebody; what was recorded is counted once, and only where a coordinator is told."""
    board = cache(lambda: _boards(workspace))
    return lambda session, reader: week_plan(
        session, reader, board() if reader.has(Role.COORDINATOR) else [], now=now
    )


def _boards(workspace: Workspace) -> list[Board]:
    """As the portal counted it last; of a large project that nobody has looked at yet nothing."""
    project = workspace.project
    with workspace.catalog.reading() as session:
        kept = kept_figure(session, project.name, COVERAGE, dict[str, list[Spoken]])
        if kept is not None:
            return boards(project, kept.value)
        if has_more_clips(session, project.name, COUNTED_AT_ONCE):
            return []
        return boards(project, spoken(session, project.name))
