"""The portal, with its settings from the environment: `python -m boli.serve_portal`."""

import uvicorn

from boli.settings import load_settings
from catalog.database import open_catalog
from catalog.store import open_store
from flows.workspace import s3_options
from portal.app import create_app


def main() -> None:
    """Serve pages until a signal comes."""
    settings = load_settings()
    catalog = open_catalog(settings.catalog_url)
    try:
        app = create_app(catalog=catalog, store=open_store(settings.store_address, s3_options(settings)))
        uvicorn.run(
            app,
            host=settings.portal_host,
            port=settings.portal_port,
            server_header=False,
            timeout_graceful_shutdown=5,
            log_level="info",
        )
    finally:
        catalog.close()


if __name__ == "__main__":
    main()
