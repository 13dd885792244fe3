"""A run with nothing new on a source of many files: what looking costs when nothing need be read.

    python -m bench.sources [--files 100000]

Made files (empty but for their number) in a folder, taken in once by rows written straight into the catalogue; then
`receive_all` as a run does it. CPU seconds, wall seconds and the process's highest memory.
"""

import argparse
import hashlib
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from catalog.config.settings import Settings
from catalog.ids import receipt_code
from catalog.receiving import upload_id_of
from catalog.states import UploadState
from catalog.tables import SourceObject, Upload
from flows.source import Listed
from flows.sources import FolderSource
from flows.steps.listed_consents import have_project
from flows.steps.receive import receive_all
from flows.steps.sidecar import FileNote
from flows.steps.source_memory import note_digest
from flows.workspace import Workspace, open_workspace

AN_HOUR_NS = 3_600 * 10**9


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=100_000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), files)
        with open_workspace("demo", Settings(home=Path(home))) as workspace:
            source = FolderSource(Path(folder).resolve(), clock_ns=lambda: time.time_ns() + AN_HOUR_NS)
            _remember(workspace, list(source.listing()), source.address)
            cpu, wall = time.process_time(), time.monotonic()
            source = FolderSource(Path(folder).resolve(), clock_ns=lambda: time.time_ns() + AN_HOUR_NS)
            report = receive_all(workspace, source)
            cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert (report.found, report.received) == (files, 0), report
    print("| files | nothing new: CPU, s | wall, s | highest memory, MB |")
    print("|---:|---:|---:|---:|")
    print(f"| {files:,} | {cpu:.1f} | {wall:.1f} | {memory:.0f} |")


def _make(folder: Path, files: int) -> None:
    for number in range(files):
        below = folder / "te" / f"{number // 1000:05}"
        if number % 1000 == 0:
            below.mkdir(parents=True)
        (below / f"{number:08}.mp3").write_bytes(b"%d" % number)


def _remember(workspace: Workspace, files: list[Listed], address: str) -> None:
    """Rows as a first run leaves them, without its sound."""
    project, note, now = workspace.project.name, note_digest(FileNote()), datetime.now(UTC)
    with workspace.catalog.writing() as session:
        have_project(session, workspace)
        session.flush()
        for start in range(0, len(files), 10_000):
            some = [
                (file, hashlib.sha256(file.name.encode()).hexdigest())
                for file in files[start : start + 10_000]
            ]
            ids = {name: upload_id_of(project, file.name, name) for file, name in some}
            session.execute(
                insert(Upload),
                [
                    {
                        "id": ids[name],
                        "project_id": project,
                        "name": file.name,
                        "sha256": name,
                        "size": file.size,
                        "receipt": receipt_code(ids[name]),
                        "state": UploadState.REJECTED,
                        "reason": "too_short",
                        "consent_round": 0,
                        "received_at": now,
                    }
                    for file, name in some
                ],
            )
            session.execute(
                insert(SourceObject),
                [
                    {
                        "project_id": project,
                        "source": address,
                        "name_sha256": name,
                        "size": file.size,
                        "stamp": file.stamp,
                        "note": note,
                        "upload_id": ids[name],
                    }
                    for file, name in some
                ],
            )


if __name__ == "__main__":
    main()
