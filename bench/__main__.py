"""Every measurement, or those named: `python -m bench sound alignment`. Needs the recordings in ../shared/data."""

import sys
from importlib import import_module
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
BENCHES = (
    "sound",
    "detection",
    "voices",
    "voice_findings",
    "mutants",
    "alignment",
    "queue_contention",
    "queue_latency",
    "transcription_simulation",
    "transcription_order",
    "upload",
    "portal",
    "strangers",
    "write",
    "recorder",
    "releases",
    "erasure",
    "personal_data",
    "spread",
)


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(BENCHES))
    if unknown:
        print(f"there is no bench {', '.join(unknown)}; there is: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    if not DATA.is_dir():
        print(
            "the recordings to measure with (../shared/data) don't stand beside this clone.", file=sys.stderr
        )
        return 1
    for name in names or BENCHES:
        print(f"\n# {name}", flush=True)
        bench = import_module(f"bench.{name}")
        sys.argv = [f"python -m bench.{name}"]  # each may be run alone, with options of its own
        if name == "alignment":
            bench.main(DATA)
        else:
            bench.main()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
