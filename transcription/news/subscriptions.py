"""Where people chose to hear of news: browsers that show notices, e-mail, the operator's gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from catalog import audit
from catalog.errors import UserError
from catalog.push_key import url_bytes
from catalog.states import NewsChannel
from catalog.tables import ChosenChannel, Device, DevicePerson, PushSubscription, SignIn

MOST_BROWSERS = 5
"""Of one person; the oldest makes room."""
POINT_BYTES, AUTH_BYTES = 65, 16  # RFC 8291, 3.1 and 3.2
_UNCOMPRESSED = 4


class RefusedKeys(UserError):
    """What a browser gave is no key and secret of a subscription."""


@dataclass(frozen=True, slots=True)
class BrowserKeys:
    """What a browser gives with its endpoint. p256dh, auth: base64url, as in PushSubscription.toJSON()"""

    p256dh: str
    auth: str

    def __post_init__(self) -> None:
        try:
            point, secret = url_bytes(self.p256dh), url_bytes(self.auth)
        except ValueError:
            point = secret = b""
        if len(point) != POINT_BYTES or point[0] != _UNCOMPRESSED or len(secret) != AUTH_BYTES:
            raise RefusedKeys(
                f"a browser gives a public key of {POINT_BYTES} bytes and a secret of {AUTH_BYTES}, in base64url; "
                "these are others.\nSwitch the notices off and on again in that browser."
            )


def subscribe(
    session: Session,
    person_id: str,
    device_id: str,
    *,
    endpoint: str,
    keys: BrowserKeys,
    language: str,
    now: datetime,
) -> None:
    """That browser shows this person's news from now on, and nobody else's. endpoint: one that was looked at"""
    session.merge(
        PushSubscription(
            device_id=device_id,
            person_id=person_id,
            endpoint=endpoint,
            p256dh=keys.p256dh,
            auth=keys.auth,
            language=language,
            made_at=now,
        )
    )
    session.flush()
    kept = (
        select(PushSubscription.device_id)
        .where(PushSubscription.person_id == person_id)
        .order_by(PushSubscription.made_at.desc(), PushSubscription.device_id)
    )
    for too_many in session.scalars(kept.offset(MOST_BROWSERS)).all():
        session.execute(delete(PushSubscription).where(PushSubscription.device_id == too_many))
    _record(session, person_id, NewsChannel.PUSH, chosen=True, now=now)


def unsubscribe(session: Session, person_id: str, device_id: str, *, now: datetime) -> None:
    """That browser shows this person's news no more."""
    ended = session.scalars(
        delete(PushSubscription)
        .where(PushSubscription.device_id == device_id, PushSubscription.person_id == person_id)
        .returning(PushSubscription.device_id)
    ).all()
    if ended:
        _record(session, person_id, NewsChannel.PUSH, chosen=False, now=now)


def forget_endpoint(session: Session, subscription: PushSubscription) -> None:
    """Its push service knows it no more. One that the browser gave meanwhile stays."""
    session.execute(
        delete(PushSubscription).where(
            PushSubscription.device_id == subscription.device_id,
            PushSubscription.endpoint == subscription.endpoint,
        )
    )


def is_subscribed(session: Session, person_id: str, device_id: str) -> bool:
    """Whether that browser shows this person's news."""
    row = session.get(PushSubscription, device_id)
    return row is not None and row.person_id == person_id


def browsers_of(session: Session, person_id: str) -> Sequence[PushSubscription]:
    """Browsers in which the person is signed in and wants to hear of news."""
    query = select(PushSubscription).where(PushSubscription.person_id == person_id, is_live())
    return session.scalars(query.order_by(PushSubscription.made_at).limit(MOST_BROWSERS)).all()


def is_live() -> ColumnElement[bool]:
    """The person has not signed out there, nor was signed out from elsewhere, and the device is still theirs.

    A session that only grew old counts: the notice is what calls them back.
    """
    signed_in = exists().where(
        SignIn.device_id == PushSubscription.device_id,
        SignIn.person_id == PushSubscription.person_id,
        SignIn.ended_at.is_(None),
    )
    theirs = exists().where(
        DevicePerson.device_id == PushSubscription.device_id,
        DevicePerson.person_id == PushSubscription.person_id,
        DevicePerson.ended_at.is_(None),
        Device.id == PushSubscription.device_id,
        Device.ended_at.is_(None),
    )
    return and_(signed_in, theirs)


def drop_ended(session: Session, *, entering: tuple[str, str] | None = None) -> None:
    """Forget browsers whose person signed out there.

    entering: person and device of somebody who is about to sign in: what was before them ends with that, and whoever
    had the notices on that device before has them no more
    """
    over: ColumnElement[bool] = ~is_live()
    if entering is not None:
        person_id, device_id = entering
        over = and_(
            PushSubscription.device_id == device_id, or_(over, PushSubscription.person_id != person_id)
        )
    session.execute(delete(PushSubscription).where(over), execution_options={"synchronize_session": False})


def chosen_channels(session: Session, person_id: str) -> frozenset[NewsChannel]:
    """Beside browsers."""
    return frozenset(
        session.scalars(select(ChosenChannel.channel).where(ChosenChannel.person_id == person_id))
    )


def choose_channel(
    session: Session, person_id: str, channel: NewsChannel, *, wanted: bool, language: str, now: datetime
) -> None:
    """Have news through that channel from now on, in that language; or no more."""
    row = session.get(ChosenChannel, (person_id, channel))
    if row is not None and wanted:
        row.language = language
    elif row is not None:
        session.delete(row)
    elif wanted:
        session.add(ChosenChannel(person_id=person_id, channel=channel, language=language, chosen_at=now))
    if (row is not None) != wanted:
        _record(session, person_id, channel, chosen=wanted, now=now)
    session.flush()


def _record(session: Session, person_id: str, channel: NewsChannel, *, chosen: bool, now: datetime) -> None:
    audit.record(
        session,
        at=now,
        actor=person_id,
        action="news.channel_chosen" if chosen else "news.channel_ended",
        subject=("person", person_id),
        detail={"channel": channel},
    )
