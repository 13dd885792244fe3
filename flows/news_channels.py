"""How news leave this installation: push services, the mail server, the operator's gateway; from the settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.config.settings import Settings
from catalog.states import NewsChannel
from flows.installation_key import known_key
from flows.mail import MailServer, mail_server
from transcription.news.endpoints import service_names


@dataclass(frozen=True, slots=True)
class NewsChannels:
    """What a sender of news works with.

    key:     of the installation; None on a machine that has not the portal's
    contact: of the operator, for push services: mailto: or https:; None where neither is set
    gateway: address that takes messages for phones; None: none does
    portal:  address that people type
    texts:   file of what is said
    """

    services: Sequence[str]
    contact: str | None
    portal: str
    texts: Path
    key: bytes | None = field(default=None, repr=False)
    mail: MailServer | None = None
    gateway: str | None = field(default=None, repr=False)

    @property
    def available(self) -> frozenset[NewsChannel]:
        """Those that this machine can send through."""
        return available(
            push=bool(self.services) and self.key is not None,
            mail=self.mail is not None,
            gateway=bool(self.gateway),
        )


def available(*, push: bool, mail: bool, gateway: bool) -> frozenset[NewsChannel]:
    """
    >>> available(push=True, mail=False, gateway=False)
    frozenset({<NewsChannel.PUSH: 'push'>})
    """
    there = {NewsChannel.PUSH: push, NewsChannel.MAIL: mail, NewsChannel.GATEWAY: gateway}
    return frozenset(channel for channel, is_there in there.items() if is_there)


def news_channels(settings: Settings, texts: Path) -> NewsChannels:
    """What the settings name. Raises SettingsError."""
    secure = settings.portal_url if settings.portal_url.startswith("https://") else None
    return NewsChannels(
        services=service_names(settings.push_services),
        contact=f"mailto:{settings.smtp_from}" if settings.smtp_from else secure,
        portal=settings.portal_url,
        texts=texts,
        key=known_key(settings.home.resolve()),
        mail=mail_server(settings),
        gateway=settings.news_gateway.get_secret_value() if settings.news_gateway else None,
    )
