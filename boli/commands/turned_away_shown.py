"""What to do about which file, for whoever sent them: by reason, with the mend and the names."""

from collections import defaultdict
from collections.abc import Iterable

from boli.output import say
from catalog.reasons import REASONS
from catalog.turned_away import TurnedAway

MOST_SHOWN = 20


def show_turned_away(files: Iterable[TurnedAway], project: str) -> None:
    """Say each reason once, with what mends it and the files it holds for; nothing where there are none."""
    by_reason: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for each in files:
        by_reason[(not each.whole, each.reason)].append(each.name)
    for (in_part, code), names in sorted(by_reason.items()):
        reason = REASONS[code]
        say(f"{'▲' if in_part else '✗'} {code}: {reason.sentence} {reason.mend} ({len(names)}):")
        for name in names[:MOST_SHOWN]:
            say(f"    {name}")
        if len(names) > MOST_SHOWN:
            say(
                f"    and {len(names) - MOST_SHOWN} more: `boli recordings list --rejected -P {project}` has all."
            )
