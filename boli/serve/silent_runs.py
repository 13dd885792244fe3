"""Runs that died without a word are ended by Prefect's server: `python -m boli.serve.silent_runs` tells it how.

A run says every HEARTBEAT_SECONDS that it lives. One that a kill -9, a full memory or a lost machine ended says
nothing more, and would stand on its page as running for good, in the way of the next. `boli up` registers these
automations by itself; for a server of your own the command does, once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType

from boli.serve.deployments import SCHEDULED
from boli.serve.prefect_environment import HEARTBEAT_SECONDS

SILENT = timedelta(seconds=3 * HEARTBEAT_SECONDS)
NEVER_BEGAN = timedelta(minutes=5)
OUR_FLOWS = ("batch", "ingest", "segment", "route", *(scheduled.flow for scheduled in SCHEDULED))
_ENDS = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
_HEARTBEAT = "prefect.flow-run.heartbeat"


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    after: str
    expect: frozenset[str]
    within: timedelta
    message: str


def register(
    *, flows: Collection[str] = OUR_FLOWS, silent: timedelta = SILENT, never_began: timedelta = NEVER_BEGAN
) -> None:
    """Have the server end runs of these flows that fell silent, or were taken by a worker and never began.

    What is registered already stays, or is put right. Prefect takes no span under ten seconds.
    """
    rules = (
        _Rule(
            "Boli: end runs that fell silent",
            _HEARTBEAT,
            frozenset({_HEARTBEAT, *_ENDS}),
            silent,
            f"It said nothing for {silent.total_seconds():.0f} s: its process or machine is gone. "
            "Nothing is lost: the next run goes on where it stopped.",
        ),
        _Rule(
            "Boli: end runs that never began",
            "prefect.flow-run.Pending",
            frozenset({"prefect.flow-run.*"}),
            never_began,
            f"A worker took it and did not begin within {never_began.total_seconds():.0f} s.",
        ),
    )
    with get_client(sync_client=True) as client:
        there = {each.name: each for each in client.read_automations()}
        for rule in rules:
            wanted, known = _automation(rule, flows), there.get(rule.name)
            if known is None:
                client.create_automation(wanted)
            elif _says(known) != _says(
                wanted
            ):  # else left alone: it remembers which runs it waits to hear of
                client.update_automation(known.id, wanted)


def _says(automation: AutomationCore) -> tuple[object, ...]:
    return automation.trigger.model_dump(exclude={"id"}), automation.actions, automation.enabled


def _automation(rule: _Rule, flows: Collection[str]) -> AutomationCore:
    return AutomationCore(
        name=rule.name,
        description="See docs/operating.md of Boli.",
        trigger=EventTrigger(
            after={rule.after},
            expect=set(rule.expect),
            match={"prefect.resource.id": "prefect.flow-run.*"},
            match_related={"prefect.resource.role": "flow", "prefect.resource.name": sorted(flows)},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=rule.within,
        ),
        actions=[ChangeFlowRunState(name=None, state=StateType.CRASHED, message=rule.message, force=False)],
    )


if __name__ == "__main__":
    register()
