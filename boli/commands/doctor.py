"""`boli doctor`: is everything there that Boli needs, and does it work; and does it go on working."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from boli.output import complain, print_json, say
from catalog.config.settings import Settings, load_settings


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a check.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on looking, and tell of each alarm that begins or ends.")
    ] = False,
    every: Annotated[
        int, typer.Option("--every", min=1, max=86_400, help="Seconds between two looks of --watch.")
    ] = 300,
) -> None:
    """Check settings, configs, catalogue, store (also that it may be published to), decoder, voices, disk and rights.

    Exit 1 where something is wrong; each line says what to do. With --watch it looks until it is stopped: at the
    disk, catalogue and store, at how long files, clips and withdrawals wait for each step, and at what failed. What
    begins or ends is printed, posted to BOLI_ALARM_WEBHOOK and mailed to BOLI_ALARM_MAIL.

    [bold]Examples[/]

      boli doctor

      BOLI_STORE_URL=s3://bucket/prefix boli doctor --json

      BOLI_ALARM_WEBHOOK=https://chat.example.org/hooks/boli boli doctor --watch
    """
    from boli.checkup import checkup

    if watch:
        _watch(load_settings(), every=every, json=json)
    healthy = True
    for check in checkup(load_settings()):
        healthy &= check.passed
        if json:
            print_json(check)
        else:
            say(f"{'✓' if check.passed else '✗'} {check.name}: {check.said}")
    if not healthy:
        raise typer.Exit(1)


def _watch(settings: Settings, *, every: int, json: bool) -> None:
    """Until Ctrl-C or SIGTERM."""
    from collections import deque

    from boli.alarms import MOST_UNTOLD, Alarm, AlarmNotice, NotTold, alarms, changes, channels, tell
    from boli.serve.asked_to_stop import asked_to_stop

    ways = ", ".join(channels(settings))
    if not json:
        say(f"Looking every {every} s until stopped. Alarms go to: {ways}.")
    standing: dict[str, Alarm] = {}
    untold: deque[AlarmNotice] = deque(maxlen=MOST_UNTOLD)
    with asked_to_stop() as stop:
        while not stop.is_set():
            now = datetime.now(UTC)
            standing, notices = changes(standing, alarms(settings, now=now), at=now)
            for notice in notices:
                if json:
                    print_json(notice)
                else:
                    say(f"{now.isoformat(timespec='seconds')} {'✗' if notice.begun else '✓'} {notice.text}")
            untold.extend(notices)
            while untold:
                try:
                    tell(settings, untold[0])
                except NotTold as error:
                    complain(str(error))
                    break
                untold.popleft()
            stop.wait(every)
