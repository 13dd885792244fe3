"""Where things are and how much may be spent: read once, here, and handed down as arguments.

Every setting is `BOLI_<NAME>` in the environment, or `<name> = …` in `boli.toml` in the folder you stand in
(or the file that `BOLI_CONFIG_FILE` names). The environment wins.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

HOUSE = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
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
    configs: Path = Field(
        default=HOUSE / "configs", description="Folder of languages, projects, recipes and guidelines (YAML)."
    )
    workers: int = Field(
        default=os.cpu_count() or 1,
        ge=1,
        le=256,
        description="Child processes that work on sound, per batch.",
    )
    batch_minutes: int = Field(
        default=30, ge=1, le=600, description="Sound in one batch, in minutes: the unit that is retried."
    )
    recording_memory_mb: int = Field(
        default=3072, ge=512, description="Address space of one child process, in MB; more is refused."
    )
    task_runner: Literal["threads", "dask"] = Field(
        default="threads",
        description="How batches run: on this machine, or on a Dask cluster (prefect-dask).",
    )
    dask_address: str | None = Field(default=None, description="Scheduler of that cluster, tcp://host:port.")
    portal_host: str = Field(default="127.0.0.1", description="Address on which the portal listens.")
    portal_port: int = Field(default=8600, ge=1, le=65535, description="Port of the portal.")
    prefect_port: int = Field(
        default=4200, ge=1, le=65535, description="Port of Prefect's server in `boli up`."
    )

    @property
    def catalog_url(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.resolve() / 'boli.sqlite'}"

    @property
    def store_address(self) -> str:
        return self.store_url or (self.home.resolve() / "store").as_uri()

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
        file = Path(os.environ.get("BOLI_CONFIG_FILE", "boli.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with the name of the one at fault and the mend."""
    _refuse_unknown_names()
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"])
            lines.append(f"BOLI_{name.upper()}: {fault['msg']}, given {fault.get('input')!r}.")
        raise SettingsError(
            "\n".join([*lines, "See docs/settings.md for what each setting takes."])
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


def _refuse_unknown_names() -> None:
    known = {f"BOLI_{name.upper()}" for name in Settings.model_fields} | {"BOLI_CONFIG_FILE"}
    unknown = sorted(name for name in os.environ if name.startswith("BOLI_") and name not in known)
    if unknown:
        raise SettingsError(
            f"there is no setting {', '.join(unknown)}. The settings are: {', '.join(sorted(known))}."
        )
