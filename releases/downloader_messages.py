"""Messages to those who hold withdrawn rows: what must be written follows from the download ledger and the rows.

Making them is a look at what is true now: it may be done at any time, stopped and done again, and tells nothing twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass as configured
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from catalog.config.configuration import Broken, Unfit, load
from catalog.ids import content_id
from catalog.states import MessageState, moved
from catalog.tables import DownloaderMessage, Person, PersonPrivate
from releases.downloads import OutdatedCopy, fetched_since, outdated_copies

MOST_TRIES = 5
"""After so many a message stays failed until rows are withdrawn anew, or somebody tells the person otherwise."""
SOURCE_LANGUAGE = "en"
_FILLED_IN = frozenset({"dataset", "rows", "versions"})
_EXACT = ConfigDict(strict=True, extra="forbid")
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@configured(frozen=True, slots=True, config=_EXACT)
class MessageText:
    """A message with {dataset}, {rows} and {versions} still to be filled in. subject: one line"""

    subject: _Text
    text: _Text

    def __post_init__(self) -> None:
        for key, said in (("subject", self.subject), ("text", self.text)):
            if (wrong := _unknown_field(said)) is not None:
                rule = f"is filled in with {{dataset}}, {{rows}} and {{versions}} alone, given {wrong}"
                raise Unfit(Broken((key,), rule, "Write a brace that is meant as one twice: {{."))
        if "\n" in self.subject:
            raise Unfit(Broken(("subject",), "is one line, given several", "Move the rest into `text`."))


@configured(frozen=True, slots=True, config=_EXACT)
class MessageTexts:
    """The message in every language that it is written in; whoever reads another one is written English."""

    texts: Mapping[str, MessageText]

    def __post_init__(self) -> None:
        if SOURCE_LANGUAGE not in self.texts:
            raise Unfit(Broken(("texts",), "has the message in English", "Add `en:` with subject and text."))

    def of(self, language: str | None) -> tuple[str, MessageText]:
        """The language it will be written in, and the text."""
        known = language if language in self.texts else SOURCE_LANGUAGE
        assert known is not None
        return known, self.texts[known]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message that waits to be sent. email: None where the person gave none"""

    id: str
    email: str | None
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A message with the handle of whom it is for. pulled_since: they pulled again, so that it has no point any more"""

    message: DownloaderMessage
    handle: str
    pulled_since: bool


def load_message_texts(path: Path) -> MessageTexts:
    """Raises ConfigurationError."""
    return load(path, MessageTexts)


def make_messages(session: Session, project_id: str, texts: MessageTexts, *, at: datetime) -> int:
    """Have a message ready for everybody who holds withdrawn rows and wasn't written of them. Returns how many are new.

    What waits unsent is written anew with what came on top, so that nobody is written twice about one dataset.
    """
    made = 0
    for copy in outdated_copies(session):
        if copy.project_id == project_id:
            made += _make(session, copy, texts, at)
    return made


def unsent(session: Session, project_id: str, *, most: int = 200) -> Sequence[Unsent]:
    """Messages that wait, the oldest first.

    Not among them: what failed too often, and what has no point any more since its person pulled again.
    """
    rows = session.execute(
        select(DownloaderMessage.id, PersonPrivate.email, DownloaderMessage.subject, DownloaderMessage.text)
        .outerjoin(PersonPrivate, PersonPrivate.person_id == DownloaderMessage.person_id)
        .where(
            DownloaderMessage.project_id == project_id,
            DownloaderMessage.state != MessageState.SENT,
            DownloaderMessage.tries < MOST_TRIES,
            ~_pulled_since(),
        )
        .order_by(DownloaderMessage.made_at, DownloaderMessage.id)
        .limit(most)
    )
    return [Unsent(*row) for row in rows]


def note_sent(session: Session, message_id: str, *, at: datetime) -> None:
    message = session.get_one(DownloaderMessage, message_id)
    message.state, message.sent_at, message.failure = moved(message.state, MessageState.SENT), at, None
    message.tries += 1


def note_failed(session: Session, message_id: str, why: str) -> None:
    message = session.get_one(DownloaderMessage, message_id)
    message.state, message.failure = moved(message.state, MessageState.FAILED), why
    message.tries += 1


def messages_of(session: Session, project_id: str, *, most: int = 200) -> Sequence[ListedMessage]:
    """Messages of a project, the newest first."""
    rows = session.execute(
        select(DownloaderMessage, Person.handle, _pulled_since())
        .join(Person, Person.id == DownloaderMessage.person_id)
        .where(DownloaderMessage.project_id == project_id)
        .order_by(DownloaderMessage.made_at.desc(), DownloaderMessage.id)
        .limit(most)
    )
    return [ListedMessage(message, handle, pulled) for message, handle, pulled in rows]


def _pulled_since() -> ColumnElement[bool]:
    return fetched_since(
        DownloaderMessage.person_id, DownloaderMessage.dataset, DownloaderMessage.erased_until
    )


def _make(session: Session, copy: OutdatedCopy, texts: MessageTexts, at: datetime) -> int:
    last = session.scalar(
        select(DownloaderMessage)
        .where(DownloaderMessage.person_id == copy.person_id, DownloaderMessage.dataset == copy.dataset)
        .order_by(DownloaderMessage.made_at.desc(), DownloaderMessage.id)
        .limit(1)
    )
    if last is not None and last.erased_until >= copy.erased_until:
        return 0
    chosen = session.scalar(
        select(PersonPrivate.interface_language).where(PersonPrivate.person_id == copy.person_id)
    )
    language, written = texts.of(chosen)
    filled = {"dataset": copy.dataset, "rows": copy.rows, "versions": ", ".join(copy.versions)}
    if last is not None and last.state is not MessageState.SENT:
        message = last
        message.state, message.tries, message.failure = MessageState.READY, 0, None
    else:
        message = DownloaderMessage(
            id=content_id("message", copy.person_id, copy.dataset, copy.erased_until.isoformat()),
            project_id=copy.project_id,
            person_id=copy.person_id,
            dataset=copy.dataset,
            state=MessageState.READY,
            tries=0,
            made_at=at,
        )
        session.add(message)
    message.versions, message.erased_until = copy.versions, copy.erased_until
    message.language = language
    message.subject = written.subject.format_map(filled)
    message.text = written.text.format_map(filled)
    session.flush()
    return 1


def _unknown_field(text: str) -> str | None:
    """What stands between braces and can't be filled in; None where nothing does."""
    try:
        names: Iterable[str] = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        return str(error)
    return next((f"{{{name}}}" for name in names if name not in _FILLED_IN), None)
