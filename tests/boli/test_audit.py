"""`boli status --audit`: the log as it was written, or the first act that is not."""

import json

from sqlalchemy import select, update

from catalog.audit_heads import keep_head
from catalog.config.settings import load_settings
from catalog.tables import AuditEvent
from flows.workspace import open_workspace
from tests.boli.conftest import Boli


def some_acts(boli: Boli) -> None:
    for handle in ("asha", "bina", "meera"):
        assert boli("people", "add", handle, "--role", "transcriber", "--language", "te").status == 0


def test_a_log_as_it_was_written_is_proved_against_the_head_in_the_store(boli: Boli) -> None:
    some_acts(boli)
    with open_workspace("demo", load_settings()) as workspace:
        assert keep_head(workspace.catalog, workspace.store, workspace.now())

    shown = boli("status", "--audit", "--json")

    assert shown.status == 0
    assert json.loads(shown.out) == {"events": 3, "archived": 0, "heads": 1, "broken": None}


def test_an_act_that_was_changed_is_named_with_what_to_do(boli: Boli) -> None:
    some_acts(boli)
    with open_workspace("demo", load_settings()) as workspace, workspace.catalog.writing() as session:
        second = session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)).all()[1]
        session.execute(update(AuditEvent).where(AuditEvent.id == second).values(actor="nobody"))

    shown = boli("status", "--audit")

    assert shown.status == 1
    assert f"act {second} is not what was written down" in shown.err and "backup" in shown.err
