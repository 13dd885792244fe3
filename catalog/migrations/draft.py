"""Write the next migration from the difference between the tables and the newest migration."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from catalog.database import WRITES, open_catalog
from catalog.migrating import MIGRATIONS


def draft(message: str) -> None:
    """Compare the tables with a catalogue at the newest migration and write the step between them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    number = len(list((MIGRATIONS / "versions").glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        catalog = open_catalog(f"sqlite:///{Path(folder) / 'draft.sqlite'}")
        with catalog.engine.execution_options(**{WRITES: True}).begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
        catalog.close()


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))
