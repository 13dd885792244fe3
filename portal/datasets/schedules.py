"""When a flow runs, as people say it and as cron does."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from portal.datasets.flow_server import ZONE, Schedule

How = Literal["quarter", "hour", "day", "week", "own", "off"]
HOWS: tuple[How, ...] = get_args(How)
DAILY = frozenset({"collect"})
"""Flows that carry out what speakers decided: consent is not left to whoever sets a schedule."""
_PART = re.compile(r"(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?")
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_QUARTERS = re.compile(r"(?:\*|(?:[0-9]|1[0-4])-59)/15 \* \* \* \*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class NotASchedule(ValueError):
    """What was filled in is no time to run at."""


class TooRare(NotASchedule):
    """A flow that obeys people's withdrawals would stand still for more than a day."""


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """A schedule as the form has it.

    clock: hours and minutes; of an hourly one the minutes alone matter
    day:   of the week, 0 for Sunday
    """

    how: How
    clock: str = "02:30"
    day: int = 0
    cron: str = ""


def schedule_form(schedule: Schedule | None) -> ScheduleForm:
    """
    >>> schedule_form(Schedule("30 2 * * *", "Asia/Kolkata", True))
    ScheduleForm(how='day', clock='02:30', day=0, cron='30 2 * * *')
    >>> schedule_form(Schedule("10-59/15 * * * *", "Asia/Kolkata", True)).how
    'quarter'
    """
    if schedule is None:
        return ScheduleForm("off")
    cron = schedule.cron
    how: How = "own"
    clock, day = "02:30", 0
    if _QUARTERS.fullmatch(cron):
        how = "quarter"
    elif match := re.fullmatch(r"([0-5]?[0-9]) \* \* \* \*", cron):
        how, clock = "hour", f"00:{int(match[1]):02}"
    elif match := re.fullmatch(r"([0-5]?[0-9]) (1?[0-9]|2[0-3]) \* \* ([0-6]|\*)", cron):
        clock = f"{int(match[2]):02}:{int(match[1]):02}"
        how, day = ("day", 0) if match[3] == "*" else ("week", int(match[3]))
    return ScheduleForm(how if schedule.active else "off", clock, day, cron)


def schedule_of(form: ScheduleForm, before: Schedule | None) -> Schedule:
    """The schedule that Prefect gets. before: what holds now; switching it off keeps its times, and quarters of an hour
    keep the minute at which they begin.

    Raises NotASchedule.
    """
    if form.how == "off":
        return Schedule(before.cron if before else "30 2 * * *", before.timezone if before else ZONE, False)
    if form.how == "own":
        return Schedule(checked_cron(form.cron), ZONE, True)
    if form.how == "quarter":
        kept = before is not None and _QUARTERS.fullmatch(before.cron)
        return Schedule(kept.group() if kept else "*/15 * * * *", ZONE, True)
    match = _CLOCK.fullmatch(form.clock)
    if match is None or not 0 <= form.day <= 6:
        raise NotASchedule(f"a time of day is hours and minutes, as 02:30, given {form.clock[:20]!r}")
    hour, minute = int(match[1]), int(match[2])
    if form.how == "hour":
        return Schedule(f"{minute} * * * *", ZONE, True)
    return Schedule(f"{minute} {hour} * * {'*' if form.how == 'day' else form.day}", ZONE, True)


def checked_cron(text: str) -> str:
    """Cron in figures that comes true some day. Raises NotASchedule.

    Names of days and months are left to Prefect's own pages; a day that no month has would stop Prefect's scheduler.

    >>> checked_cron(" 30  2 * * 1-5")
    '30 2 * * 1-5'
    """
    fields = text.split()
    if len(fields) != len(_BOUNDS):
        raise NotASchedule(f"cron has five fields of figures, as 30 2 * * *, given {text[:60]!r}")
    chosen = [_chosen(field, *bounds) for field, bounds in zip(fields, _BOUNDS, strict=True)]
    days, months = chosen[2], chosen[3]
    if not any(min(days) <= _DAYS[month - 1] for month in months):
        raise NotASchedule(f"none of these months has such a day, given {text[:60]!r}")
    return " ".join(fields)


def check_often_enough(flow: str, schedule: Schedule) -> None:
    """A flow of DAILY is made rarer, but never switched off, nor rarer than once a day. Raises TooRare.

    >>> check_often_enough("collect", Schedule("30 2 * * *", "Asia/Kolkata", True))
    >>> check_often_enough("collect", Schedule("30 2 * * 1", "Asia/Kolkata", True))
    Traceback (most recent call last):
    ...
    portal.datasets.schedules.TooRare: collect obeys withdrawals: it runs by itself, once a day at least
    """
    if flow not in DAILY:
        return
    _, _, days, months, weekdays = (
        _chosen(field, *bounds) for field, bounds in zip(schedule.cron.split(), _BOUNDS, strict=True)
    )
    every_day = len(days) == 31 and len(months) == 12 and {day % 7 for day in weekdays} == set(range(7))
    if not (schedule.active and every_day):
        raise TooRare(f"{flow} obeys withdrawals: it runs by itself, once a day at least")


def _chosen(field: str, least: int, most: int) -> frozenset[int]:
    """The figures that a field stands for."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise NotASchedule(f"a field of cron is as 5, 1-5, */10 or *, given {field[:60]!r}")
        every, first, last, step = match.groups()
        start = least if every else int(first)
        end = int(last) if last else most if every or step else start
        if not (least <= start <= end <= most) or (step is not None and not 1 <= int(step) <= most):
            raise NotASchedule(f"this field of cron goes from {least} to {most}, given {field[:60]!r}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)
