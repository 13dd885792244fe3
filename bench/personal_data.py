"""How often the scan for personal data is wrong: false alarms on real texts and plain quantities, numbers missed.

    python -m bench.personal_data [--draws 2000]

Real texts: every transcript in ../shared/data and examples/, and the prompts that speakers are asked. None of them
tells anybody's number, so each finding is a false alarm. Quantities (years, dates, times, prices, lists of marks) and
numbers (phones, Aadhaar, cards, as they are written and as they are said) are drawn; the words of the numbers come
from the scanner's own table, so what is missed there says nothing of words that the table lacks.
"""

import argparse
import csv
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.transcription.made_numbers import aadhaar, card, in_figures, in_words, phone, quantity
from transcription.personal_data import scan
from transcription.personal_data.spoken_words import known_languages

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
MADE = {"phone": phone, "aadhaar": aadhaar, "payment_card": card}


def real_texts() -> Iterator[tuple[str, str]]:
    """Text and its language."""
    for table in sorted(DATA.glob("transcribed/*/transcripts.tsv")):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield row["text"], row["language"]
    for truth in sorted((ROOT / "examples" / "truth").glob("*/*.json")):
        said = json.loads(truth.read_text("utf-8"))
        for utterance in said["utterances"]:
            yield utterance["text"], said["language"]
    for prompts in sorted((ROOT / "configs" / "prompts").glob("*.yaml")):
        for text in _strings(yaml.safe_load(prompts.read_text("utf-8"))):
            yield text, prompts.stem


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=2000)
    draws = parser.parse_args().draws
    texts = list(real_texts())
    began = time.perf_counter()
    alarms = [(text, found) for text, language in texts if (found := scan(text, language))]
    took = time.perf_counter() - began
    print(f"real texts: {len(texts)}, false alarms {len(alarms)}; {1e6 * took / len(texts):.0f} µs a text")
    for text, found in alarms:
        print(f"  {text!r}: {', '.join(each.kind for each in found)}")
    rng = random.Random(7)
    wrong = [made for made in (quantity(rng) for _ in range(draws)) if scan(made, "en")]
    print(f"quantities drawn: {draws}, false alarms {len(wrong)} ({100 * len(wrong) / draws:.2f} %)")
    for made in wrong[:5]:
        print(f"  {made!r}")
    print("numbers drawn, missed (no finding at all), of another kind:")
    for kind, make in MADE.items():
        missed: Counter[str] = Counter()
        for index in range(draws):
            digits = make(rng)
            language = sorted(known_languages())[index % len(known_languages())]
            for form, text in (
                ("figures", in_figures(rng, digits)),
                ("words", in_words(rng, digits, language)),
            ):
                kinds = {found.kind.value for found in scan(text, language)}
                missed[f"{form} missed"] += not kinds
                missed[f"{form} other"] += bool(kinds) and kind not in kinds
        said = ", ".join(f"{name} {missed[name]}" for name in sorted(missed))
        print(f"  {kind}: {draws} each as figures and as words: {said}")


if __name__ == "__main__":
    main()
