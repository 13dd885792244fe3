"""When a flow runs, as people say it and as cron does."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from portal.datasets.flow_server import ZONE, Schedule

How = Literal["quarter", "hour", "day", "week", "own", "off"]
HOWS: tuple[How, ...] = get_args(How)
_FIELD = r"[0-9*/,\-]{1,60}"
CRON = re.compile(rf"{_FIELD}( {_FIELD}){{4}}")
"""Five fields of figures; names of days and months are left to Prefect's own pages."""
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class NotASchedule(ValueError):
    """What was filled in is no time to run at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule as the form has it.

    clock: hours and minutes; of an hourly one the minutes alone matter
    day:   of the week, 0 for Sunday
    """

    how: How
    clock: str = "02:30"
    day: int = 0
    cron: str = ""


def plan_of(schedule: Schedule | None) -> Plan:
    """
    >>> plan_of(Schedule("30 2 * * *", "Asia/Kolkata", True))
    Plan(how='day', clock='02:30', day=0, cron='30 2 * * *')
    """
    if schedule is None:
        return Plan("off")
    cron = schedule.cron
    how: How = "own"
    clock, day = "02:30", 0
    if cron == "*/15 * * * *":
        how = "quarter"
    elif match := re.fullmatch(r"([0-5]?[0-9]) \* \* \* \*", cron):
        how, clock = "hour", f"00:{int(match[1]):02}"
    elif match := re.fullmatch(r"([0-5]?[0-9]) (1?[0-9]|2[0-3]) \* \* ([0-6]|\*)", cron):
        clock = f"{int(match[2]):02}:{int(match[1]):02}"
        how, day = ("day", 0) if match[3] == "*" else ("week", int(match[3]))
    return Plan(how if schedule.active else "off", clock, day, cron)


def schedule_of(plan: Plan, before: Schedule | None) -> Schedule:
    """What Prefect is told. before: what holds now; switching it off keeps its times.

    Raises NotASchedule.
    """
    if plan.how == "off":
        return Schedule(before.cron if before else "30 2 * * *", before.timezone if before else ZONE, False)
    if plan.how == "own":
        cron = " ".join(plan.cron.split())
        if CRON.fullmatch(cron) is None:
            raise NotASchedule(f"cron has five fields of figures, as 30 2 * * *, given {plan.cron[:60]!r}")
        return Schedule(cron, ZONE, True)
    if plan.how == "quarter":
        return Schedule("*/15 * * * *", ZONE, True)
    match = _CLOCK.fullmatch(plan.clock)
    if match is None or not 0 <= plan.day <= 6:
        raise NotASchedule(f"a time of day is hours and minutes, as 02:30, given {plan.clock[:20]!r}")
    hour, minute = int(match[1]), int(match[2])
    if plan.how == "hour":
        return Schedule(f"{minute} * * * *", ZONE, True)
    return Schedule(f"{minute} {hour} * * {'*' if plan.how == 'day' else plan.day}", ZONE, True)
