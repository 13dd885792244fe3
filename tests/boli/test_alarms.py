"""Alarms: what goes wrong is told once to whom the operator named, and once more when it is over."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update

from boli.alarms import Alarm, AlarmNotice, NotTold, alarms, tell
from catalog.config.settings import Settings
from catalog.database import open_catalog
from catalog.states import RecordingState
from catalog.tables import Recording
from tests.mail_server import mail_server
from tests.waiting import until

LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address on this machine, and what was posted there."""
    posted: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/secret", posted
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()


def wait_for_segmenting(home: Path, since: datetime) -> None:
    """Its recordings have waited since then to be cut."""
    catalog = open_catalog(Settings(home=home).catalog_url)
    with catalog.writing() as session:
        session.execute(update(Recording).values(state=RecordingState.ACCEPTED, created_at=since))
    catalog.close()


def cut_all(home: Path) -> None:
    catalog = open_catalog(Settings(home=home).catalog_url)
    with catalog.writing() as session:
        session.execute(update(Recording).values(state=RecordingState.SEGMENTED))
    catalog.close()


@pytest.mark.slow
def test_the_doctor_watches_and_tells_when_a_step_stands_still_and_when_it_goes_on(home, tmp_path):
    wait_for_segmenting(home, LONG_AGO)
    with webhook() as (address, posted):
        environment = os.environ | {"BOLI_HOME": str(home), "BOLI_ALARM_WEBHOOK": address}
        watcher = subprocess.Popen(
            [sys.executable, "-m", "boli.cli", "doctor", "--watch", "--every", "1"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: posted)
            cut_all(home)
            until(lambda: len(posted) == 2)
        finally:
            watcher.send_signal(signal.SIGINT)
            said = watcher.communicate(timeout=180)[0].decode()

    begun, over = posted
    assert (begun["alarm"], begun["state"]) == ("late segment demo", "begun")
    assert "2 items of demo wait for the step segment" in begun["text"]
    assert (over["alarm"], over["state"]) == ("late segment demo", "over")
    assert "Traceback" not in said and address not in said


def test_a_home_where_all_goes_well_has_no_alarm(home):
    assert alarms(Settings(home=home), now=datetime.now(UTC)) == []


def test_what_came_a_moment_ago_is_not_late(home):
    now = datetime.now(UTC)
    wait_for_segmenting(home, now - timedelta(hours=1))

    assert alarms(Settings(home=home), now=now) == []
    assert [alarm.name for alarm in alarms(Settings(home=home), now=now + timedelta(hours=6))] == [
        "late segment demo"
    ]


def test_a_database_that_is_away_is_one_alarm_without_its_password(home):
    settings = Settings(
        home=home,
        database_url=SecretStr("postgresql+psycopg://boli:pass-word@127.0.0.1:1/boli?connect_timeout=1"),
    )

    (alarm,) = alarms(settings, now=datetime.now(UTC))

    assert alarm.name == "catalogue" and "pass-word" not in alarm.said


def test_an_alarm_is_mailed_where_an_address_is_named(tmp_path):
    with mail_server() as box:
        settings = Settings(
            home=tmp_path,
            alarm_mail="operator@example.org",
            smtp_host="127.0.0.1",
            smtp_port=box.port,
            smtp_security="none",
            smtp_from="boli@example.org",
        )
        tell(settings, AlarmNotice(Alarm("disk", "1.0 GB free."), True, LONG_AGO))

    (message,) = box.messages
    assert (message["To"], message["Subject"]) == ("operator@example.org", "Boli: disk began")
    assert message.get_content().strip() == "1.0 GB free."


@pytest.mark.parametrize("status", [302, 500])
def test_a_webhook_that_refuses_is_said_without_its_address(tmp_path, status):
    with webhook(status) as (address, posted):
        settings = Settings(home=tmp_path, alarm_webhook=SecretStr(address))

        with pytest.raises(NotTold) as error:
            tell(settings, AlarmNotice(Alarm("disk", "1.0 GB free."), True, LONG_AGO))

    assert len(posted) == 1 and "secret" not in str(error.value)


def test_mail_without_a_server_is_refused_before_anything_is_watched(boli, monkeypatch):
    monkeypatch.setenv("BOLI_ALARM_MAIL", "operator@example.org")

    said = boli("doctor", "--watch")

    assert said.status == 1 and "BOLI_SMTP_HOST is not" in said.err
