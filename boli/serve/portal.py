"""The portal, with its settings from the environment: `python -m boli.serve.portal`."""

import os
from importlib.metadata import version

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from boli.serve.portal_context import open_portal_context
from catalog import tracing
from catalog.config.settings import load_settings
from portal.app import create_app
from portal.http.connection_bounds import bounds_for
from portal.http.connections import BACKLOG, bounded_protocol, raise_descriptor_limit
from portal.http.forwarded import ForwardedFor, networks
from portal.http.traced_requests import traced_logs


def main() -> None:
    """Serve pages until a signal comes."""
    settings = load_settings()
    if settings.traces:
        tracing.start("boli-portal", version("boli"))
    with open_portal_context(
        settings,
        prefect=os.environ.get("PREFECT_API_URL"),
        prefect_auth=os.environ.get("PREFECT_API_AUTH_STRING"),
    ) as portal_context:
        uvicorn.run(
            ForwardedFor(
                create_app(portal_context),
                header=settings.portal_forwarded_header,
                proxies=networks(settings.portal_proxies),
            ),
            proxy_headers=False,  # uvicorn's own rule for these: ours stands before the application
            host=settings.portal_host,
            port=settings.portal_port,
            http=bounded_protocol(bounds_for(raise_descriptor_limit())),
            backlog=BACKLOG,
            server_header=False,
            timeout_graceful_shutdown=5,
            # A person thinks for longer than the usual 5 s: a new connection costs a phone on 2G two seconds.
            timeout_keep_alive=75,
            log_level="info",
            log_config=traced_logs(LOGGING_CONFIG) if settings.traces else LOGGING_CONFIG,
        )


if __name__ == "__main__":
    main()
