"""Those who hold withdrawn rows hear of it: a message ready for each, and sent where there is a mail server."""

from dataclasses import dataclass

from flows.mail import Mail, MailNotSent, send
from flows.workspace import Workspace
from releases.downloader_messages import load_message_texts, make_messages, note_failed, note_sent, unsent


@dataclass(frozen=True, slots=True)
class MessagesReport:
    """made: messages that are new; sent and failed now; waiting: those that nobody can send (no server, no address)"""

    made: int = 0
    sent: int = 0
    failed: int = 0
    waiting: int = 0


def tell_downloaders(workspace: Workspace) -> MessagesReport:
    """Make what messages are due and send what waits. A message that can't be sent never stops the others.

    Sent and then killed before it was noted, a message is sent once more, under the same id.
    """
    catalog, project = workspace.catalog, workspace.project.name
    texts = load_message_texts(workspace.message_texts)
    with catalog.writing() as session:
        made = make_messages(session, project, texts, at=workspace.now())
    with catalog.reading() as session:
        waiting = unsent(session, project)
    server, sent, failed = workspace.mail, 0, 0
    for each in waiting:
        if server is None or each.email is None:
            continue
        try:
            send(server, Mail(each.id, each.email, each.subject, each.text), at=workspace.now())
        except MailNotSent as error:
            failed += 1
            with catalog.writing() as session:
                note_failed(session, each.id, str(error))
        else:
            sent += 1
            with catalog.writing() as session:
                note_sent(session, each.id, at=workspace.now())
    return MessagesReport(made, sent, failed, len(waiting) - sent - failed)
