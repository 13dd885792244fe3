"""Settings: where things are and how much may be spent; read once, here, and handed down as arguments.

Every setting is `BOLI_<NAME>` in the environment, or `<name> = …` in `boli.toml` in the folder you stand in
(or the file that `BOLI_CONFIG_FILE` names). The environment wins.
"""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from catalog.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
CONFIG_FILE = "BOLI_CONFIG_FILE"
TOKEN = "BOLI_TOKEN"  # noqa: S105  (a name, not a secret)
"""Of a person at a portal: read by the commands that fetch from one, and no setting."""
KEY_FILE = "portal.key"
"""In the home folder: signs the portal's links and forms; other keys follow from it."""
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SettingsError(UserError):
    """A setting that can't be used."""


class Settings(BaseSettings):
    """Everything an operator may set."""

    model_config = SettingsConfigDict(env_prefix="BOLI_", extra="forbid", frozen=True)

    home: Path = Field(
        default=Path("var"),
        description="Folder for what this machine keeps: the default database and store, Prefect's own files, scratch.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="Catalogue: sqlite:///file or postgresql+psycopg://user:password@host/name. "
        "Default: SQLite in the home folder.",
    )
    store_url: str | None = Field(
        default=None,
        description="Where recordings and datasets lie: file:///folder or s3://bucket/prefix. "
        "Default: a folder in the home folder.",
    )
    s3_endpoint: str | None = Field(default=None, description="Address of an S3 server other than Amazon's.")
    s3_region: str | None = Field(default=None, description="Region of the bucket.")
    s3_access_key: str | None = Field(
        default=None, description="Access key; without it boto3's own chain of credentials is asked."
    )
    s3_secret_key: SecretStr | None = Field(
        default=None, description="The secret that belongs to the access key."
    )
    s3_silent_seconds: float = Field(
        default=60.0,
        ge=1,
        le=600,
        description="How long S3 may say nothing before a request to it is given up and made again.",
    )
    s3_attempts: int = Field(
        default=5, ge=1, le=20, description="How often one request to S3 is made before the step is given up."
    )
    configs: Path = Field(
        default=ROOT / "configs", description="Folder of languages, projects, recipes and guidelines (YAML)."
    )
    workers: int = Field(
        default=os.cpu_count() or 1,
        ge=1,
        le=256,
        description="Child processes that work on sound, per batch.",
    )
    batch_minutes: int = Field(
        default=30,
        ge=1,
        le=600,
        description="Sound in one batch, in minutes: the unit that is retried. It is longer where files are, so that "
        "every child has one.",
    )
    recording_memory_mb: int = Field(
        default=3072, ge=512, description="Address space of one child process, in MB; more is refused."
    )
    audit_months: int = Field(
        default=12,
        ge=1,
        le=1200,
        description="Whole months for which the audit log stays in the catalogue; what is older goes to the store, as "
        "Parquet, and is found there.",
    )
    task_runner: Literal["threads", "prefect", "dask"] = Field(
        default="threads",
        description="Where the batches of a run are worked on: threads, on this machine; prefect, by workers of a work "
        "pool; dask, on a Dask cluster (prefect-dask).",
    )
    batch_deployment: str = Field(
        default="batch/boli",
        pattern=r"^[^/]+/[^/]+$",
        description="With prefect: the deployment whose runs are batches, as flow/deployment.",
    )
    dask_address: str | None = Field(
        default=None,
        validate_default=True,
        description="With dask: the scheduler of that cluster, tcp://host:port.",
    )
    portal_host: str = Field(default="127.0.0.1", description="Address on which the portal listens.")
    portal_port: int = Field(default=8600, ge=1, le=65535, description="Port of the portal.")
    portal_processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that serve the portal on that port: one is enough for 200 people at work at once; more "
        "than the machine has cores help nobody.",
    )
    portal_address: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description="Address that people type for the portal, such as https://boli.example.org, behind a TLS proxy. "
        "Default: its own host and port.",
    )
    portal_proxies: str = Field(
        default="127.0.0.1,::1",
        description="Proxies in front of the portal, which are believed on who asks: addresses or networks with commas "
        "between. Empty: nobody is.",
    )
    portal_forwarded_header: str = Field(
        default="x-forwarded-for",
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$",
        description="Header in which those proxies tell the address that they were asked from.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="What a program sends (`Authorization: Bearer …`) to read the portal's /metrics; without it "
        "programs on the same machine read them, and nobody else.",
    )
    traces: bool = Field(
        default=False,
        description="Send OpenTelemetry traces of requests and flows, to where OTEL_EXPORTER_OTLP_ENDPOINT and the "
        "standard's other variables say; needs `pip install boli[traces]`.",
    )
    alarm_webhook: SecretStr | None = Field(
        default=None,
        description="Address to which `boli doctor --watch` posts each alarm that begins or ends, as JSON.",
    )
    alarm_mail: str | None = Field(
        default=None,
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="Address to which it mails them, through the mail server below.",
    )
    recogniser_url: str | None = Field(
        default=None,
        description="Address of a service that hears speech as OpenAI's does (`/v1/audio/transcriptions`), for drafts; "
        "sound of every project that names a `service` is sent there.",
    )
    recogniser_key: SecretStr | None = Field(
        default=None, description="What it is asked with (`Authorization: Bearer …`), where it wants that."
    )
    upload_idle_seconds: float = Field(
        default=20.0,
        ge=1,
        le=300,
        description="How long an upload may say nothing before its request is ended.",
    )
    uploads_per_person: int = Field(
        default=200, ge=1, le=10_000, description="Uploads that one person may have begun and not finished."
    )
    smtp_host: str | None = Field(
        default=None,
        description="Mail server that messages to downloaders go out through; without it they wait in the portal.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How it is spoken to: starttls (port 587), tls (port 465), or none, for a relay on this machine.",
    )
    smtp_user: str | None = Field(default=None, description="Who signs in there; without it nobody does.")
    smtp_password: SecretStr | None = Field(default=None, description="The password that belongs to it.")
    smtp_password_file: Path | None = Field(
        default=None, description="File that holds that password, instead of the setting."
    )
    smtp_from: str | None = Field(
        default=None,
        pattern=r"^[^@\s<>]+@[^@\s<>]+$",
        description="Address that messages come from, such as boli@example.org.",
    )
    push_services: str = Field(
        default="fcm.googleapis.com,jmt17.google.com,push.services.mozilla.com,notify.windows.com,push.apple.com",
        description="Hosts of browsers' push services, with commas between, each with all below it: what people's "
        "browsers may be sent news through. Empty: no browser is sent any.",
    )
    news_gateway: SecretStr | None = Field(
        default=None,
        description="Address of a service that sends SMS or WhatsApp messages: news for whoever wants them on their "
        "phone are posted there as JSON.",
    )
    prefect_port: int = Field(
        default=4200, ge=1, le=65535, description="Port of Prefect's server in `boli up`."
    )

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: SecretStr | None) -> SecretStr | None:
        """Refused here, with the setting's name and without the password."""
        if url is None:
            return None
        # here, since a command without a catalogue needs its settings too
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            backend = make_url(url.get_secret_value()).get_backend_name()
        except (ArgumentError, ValueError):
            backend = "none"
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(
                "is sqlite:///file or postgresql+psycopg://user:password@host/name, given another address"
            )
        return url

    @field_validator("alarm_webhook", "news_gateway")
    @classmethod
    def _is_a_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        """Refused here, without what may be a secret in it."""
        if url is not None and not url.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("is an address such as https://chat.example.org/hooks/boli, given another one")
        return url

    @field_validator("dask_address")
    @classmethod
    def _is_there_for_dask(cls, address: str | None, info: ValidationInfo) -> str | None:
        """Without one Dask would make a cluster of this machine alone, and nobody would notice."""
        if info.data.get("task_runner") == "dask" and address is None:
            raise ValueError(
                "is the scheduler of the cluster, tcp://host:port, where BOLI_TASK_RUNNER is dask"
            )
        return address

    @field_validator("recogniser_url")
    @classmethod
    def _is_safe_to_send_to(cls, url: str | None) -> str | None:
        """Voices and a key go there: over a network only so that nobody on the way can read them."""
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.hostname and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
        ):
            return url
        raise ValueError("is reached by https://, or by http:// on this machine, given another address")

    @field_validator("portal_proxies")
    @classmethod
    def _are_addresses(cls, text: str) -> str:
        for part in filter(None, (part.strip() for part in text.split(","))):
            try:
                ip_network(part, strict=False)
            except ValueError:
                raise ValueError("takes addresses or networks such as 127.0.0.1,10.0.0.0/8") from None
        return text

    @property
    def catalog_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.resolve() / 'boli.sqlite'}"

    @property
    def store_address(self) -> str:
        return self.store_url or (self.home.resolve() / "store").as_uri()

    @property
    def portal_url(self) -> str:
        """Where people find the portal, without a slash at the end."""
        host = f"[{self.portal_host}]" if ":" in self.portal_host else self.portal_host
        return self.portal_address or f"http://{host}:{self.portal_port}"

    @property
    def uploads(self) -> Path:
        """The portal's own room: files on their way, copies that are being measured."""
        return self.home.resolve() / "uploads"

    @property
    def scratch(self) -> Path:
        """Room for files that live as long as one step."""
        return self.home.resolve() / "scratch"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())


def make_home(settings: Settings) -> Path:
    """The home folder, made for its user alone where there is none yet."""
    home = settings.home.resolve()
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    return home


def config_file() -> Path:
    """Where settings may stand beside the environment; it need not exist."""
    return Path(os.environ.get(CONFIG_FILE, "boli.toml"))


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with the name of the one at fault and the mend."""
    _refuse_unknown_names()
    _refuse_missing_file()
    try:
        return Settings()
    except ValidationError as error:
        faults = [_fault_message(fault) for fault in error.errors()]
        raise SettingsError(
            "\n".join([*faults, "See docs/settings.md for what each setting takes."])
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{config_file()} is not TOML: {error}.\nWrite lines such as workers = 2."
        ) from error


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, so that a flow run in another process finds the same ones."""
    values: dict[str, str] = {}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if isinstance(value, Path):
            value = value.resolve()
        if value is not None:
            values[f"BOLI_{name.upper()}"] = str(value)
    return values


def _fault_message(fault: Mapping[str, Any]) -> str:
    """One fault with the setting's name; what was given is shown unless it may be a secret."""
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"there is no setting {name!r}. The settings are: {', '.join(Settings.model_fields)}."
    field = Settings.model_fields.get(name)
    secret = field is not None and SecretStr in (field.annotation, *get_args(field.annotation))
    rule = str(fault["msg"]).removeprefix("Value error, ")
    return f"BOLI_{name.upper()}: {rule}" + ("." if secret else f", given {fault.get('input')!r}.")


def _refuse_missing_file() -> None:
    named = os.environ.get(CONFIG_FILE)
    if named is not None and not Path(named).is_file():
        raise SettingsError(
            f"{CONFIG_FILE} names {named!r}, and there is no such file. Correct it, or unset it."
        )


def _refuse_unknown_names() -> None:
    known = {f"BOLI_{name.upper()}" for name in Settings.model_fields} | {CONFIG_FILE, TOKEN}
    unknown = sorted(name for name in os.environ if name.startswith("BOLI_") and name not in known)
    if unknown:
        raise SettingsError(
            f"there is no setting {', '.join(unknown)}. The settings are: {', '.join(sorted(known))}."
        )
