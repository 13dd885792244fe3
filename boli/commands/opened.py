"""What commands of the whole installation work with: its catalogue and store, and stores at other addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.config.settings import Settings, make_home

if TYPE_CHECKING:
    from catalog.database import Catalog
    from catalog.store import ObjectStore


@contextmanager
def catalog_and_store(settings: Settings) -> Iterator[tuple["Catalog", "ObjectStore"]]:
    """The catalogue and the store that the settings name, with a scratch folder that is there."""
    from catalog.database import open_catalog
    from catalog.store import open_store
    from flows.workspace import s3_options

    make_home(settings)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    catalog = open_catalog(settings.catalog_url)
    try:
        yield catalog, open_store(settings.store_address, s3_options(settings))
    finally:
        catalog.close()


def store_at(target: str, settings: Settings) -> "ObjectStore":
    """A store in a folder or at an address, with the settings' access to S3."""
    from catalog.store import open_store
    from flows.workspace import s3_options

    url = target if "://" in target else Path(target).expanduser().resolve().as_uri()
    return open_store(url, s3_options(settings))
