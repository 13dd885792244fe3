"""Where people hear of news outside the portal, and what was sent to them there."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from catalog.states import NewsChannel, NewsNoticeState
from catalog.tables.base import Base, stored_enum


class PushSubscription(Base):
    """A push subscription: a browser that shows a person's news, as long as they are signed in there (RFC 8030)."""

    __tablename__ = "push_subscription"

    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    """The browser's own: it tells one person's news, of whoever switched them on last."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    endpoint: Mapped[str]
    """Address at the service of the browser's maker: who knows it and our key may wake the browser."""
    p256dh: Mapped[str]
    """The browser's public key: an uncompressed point of P-256 in base64url."""
    auth: Mapped[str]
    """What only the browser and we know beside it: 16 bytes in base64url."""
    language: Mapped[str]
    """Of the interface, in which its notices are written."""
    made_at: Mapped[datetime]


class ChosenChannel(Base):
    """A chosen channel: a person wants news by e-mail, or through the operator's SMS or WhatsApp gateway."""

    __tablename__ = "chosen_channel"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    channel: Mapped[NewsChannel] = mapped_column(stored_enum(NewsChannel), primary_key=True)
    language: Mapped[str]
    """Of the interface, in which they are written."""
    chosen_at: Mapped[datetime]


class NewsNotice(Base):
    """A news notice: what one person hears of one project through one channel: how many things of which kind."""

    __tablename__ = "news_notice"
    __table_args__ = (
        Index("ix_news_notice_person", "person_id", "project_id", "made_at"),
        Index("ix_news_notice_state", "project_id", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    channel: Mapped[NewsChannel] = mapped_column(stored_enum(NewsChannel))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    """By kind of news: no name, no text, no address."""
    state: Mapped[NewsNoticeState] = mapped_column(stored_enum(NewsNoticeState))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    failure: Mapped[str | None]
    """Why the last try to send it failed."""
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
