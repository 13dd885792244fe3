"""How the lists beside recordings and the recordings fit together, for whoever ran the command."""

from typing import TYPE_CHECKING

from boli.output import complain, say

if TYPE_CHECKING:
    from flows.steps.receive import ListsReport, Named

MOST_SHOWN = 20


def show_lists(lists: "ListsReport") -> None:
    """Say what to do about which list and file; nothing where all fits."""
    for each in lists.faults.first[:MOST_SHOWN]:
        complain(each)
    _more(lists.faults)
    _show(lists.waiting, "Files that wait for their list: mend it, and run the same command again")
    _show(lists.without_file, "Rows that name no file")
    _show(lists.without_row, "Files without a row: without one, all of a folder count as one unknown speaker")
    _show(lists.corrected, "Corrected by a list", mark="✓")
    _show(
        lists.uncorrected,
        "Left as it was, though a list says otherwise; --apply corrects what is published, as the next version",
    )


def _show(named: "Named", what: str, *, mark: str = "▲") -> None:
    if named.count:
        say(f"{mark} {what} ({named.count}):")
        for name in named.first[:MOST_SHOWN]:
            say(f"    {name}")
        _more(named)


def _more(named: "Named") -> None:
    if named.count > MOST_SHOWN:
        say(f"    and {named.count - MOST_SHOWN} more (--json names {len(named.first)}).")
