"""The dataset card: what Hugging Face reads at the top, what a person reads below."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

import yaml

from releases import faults
from releases.about import About
from releases.amount_words import length, several
from releases.card_front import front, front_matter, sizes
from releases.card_samples import escaped, sample_table, without_samples
from releases.columns import MEANINGS
from releases.figures import UNKNOWN, Amount, Figures
from releases.licence_texts import FOLDER as LICENCES
from releases.measures import QUANTILES
from releases.parquet import columns
from releases.rows import SPLITS, Row
from releases.selection import HeldBack, Selection
from releases.versions import Part

HELD_BACK: Mapping[HeldBack, str] = {
    "no_consent": "a voice in it does not consent to publication",
    "adult_yes_due": "a voice in it came of age, and has not yet said yes itself",
    "other_purpose": "a voice in it did not agree to all that this dataset is given out for",
    "not_aligned": "its words are not aligned yet",
    "no_text": "nothing is said in it that can be written",
    "open_report": "somebody reported it, and nobody has looked yet",
    "not_chosen": "it does not meet the conditions of this dataset",
    "low_score": "its words fit its sound badly",
    "faulty_text": "its text breaks a rule of its language",
    "heard_under_another_speaker": "its sound is also that of another speaker's clip in another split",
    "voice_under_another_speaker": "its voice is also that of another speaker in another split",
    "said_in_another_split": "its sentence is also said in another split, and this dataset keeps them apart",
    "too_few_speakers": "its language has too few speakers for any of them to stay unrecognised",
    "voices_of_two_splits": "it holds voices that belong to different splits",
}


def card(
    about: About,
    selection: Selection,
    figures: Figures,
    stored: Sequence[Part],
    *,
    known: Mapping[faults.Code, int],
    shown: Sequence[Row],
) -> str:
    """README.md. known: clips by what is known against them; shown: rows that it shows (releases.card_samples)"""
    parts = [
        front_matter({**front(about, figures), **sizes(stored)}),
        f"# {about.title}\n",
        _opening(about, selection, figures),
        *(f"{remark}\n" for remark in about.remarks),
        _conditions(about),
        "## Hours\n",
        "![Hours by language, gender, age, district and dialect](hours.svg)\n",
        _hours(about, figures),
        _small_languages(about, figures),
        _overlap(figures),
        _coverage(about, figures),
        "## Sample rows\n",
        sample_table(shown, selection),
        "## Measures\n",
        _measures(figures),
        "## How it was made\n",
        _made(figures),
        "## Consent\n",
        _consent(about, figures),
        "## Licence\n",
        _licence(about, figures),
        "## Known faults\n",
        _known_faults(known, figures.total.clips),
        "## What is not in it\n",
        _not_in_it(figures),
        "## How to load it\n",
        _loading(selection.dataset, about.version),
        "## Columns\n",
        "\n".join(f"- `{name}` ({kind}): {MEANINGS[name]}" for name, kind in columns()) + "\n",
    ]
    return "\n".join(part for part in parts if part)


def redacted_card(said: str, clips: AbstractSet[str], on: date, stored: Sequence[Part] | None) -> str:
    """A card again, of a version that clips were taken out of.

    stored: the parts that are left; None for a version of format 1. A split without any can't be loaded, and is named
            instead
    """
    _, head, body = said.split("---\n", 2)
    described = yaml.safe_load(head)
    listed = described["configs"][0]["data_files"]
    splits = SPLITS if stored is None else [part.split for part in stored]
    if stored is not None:
        described |= sizes(stored)
    described["configs"][0]["data_files"] = [each for each in listed if each["split"] in splits]
    empty = [each["split"] for each in listed if each["split"] not in splits]
    were = "was" if len(clips) == 1 else "were"
    note = (
        f"\n> {several(len(clips), 'clip')} {were} taken out of this version on {on:%Y-%m-%d}, "
        "because a speaker withdrew. The figures on this page are those of the day it was published. "
        "`withdrawn.jsonl` names the rows.\n"
    )
    if empty:
        note += f"> Nothing is left of: {', '.join(empty)}.\n"
    body = without_samples(body, clips)
    title_ends = body.index("\n", body.index("# ")) + 1
    return front_matter(described) + body[:title_ends] + note + body[title_ends:]


def _opening(about: About, selection: Selection, figures: Figures) -> str:
    total = figures.total
    names = ", ".join(f"{name} ({code})" for code, name in sorted(about.languages.items()))
    follows = f" It follows {about.parent}; `CHANGES.md` says what differs." if about.parent else ""
    return (
        f"{length(total.seconds)} of speech in {names}: {several(total.clips, 'clip')} of "
        f"{several(total.speakers, 'speaker')}, each with its transcript and the time of every word.\n\n"
        f"Version {about.version} of `{selection.dataset}`, project {about.project}, with everything accepted "
        f"up to {selection.as_of:%Y-%m-%d %H:%M} UTC.{follows} "
        "Versions never change, but for what a speaker takes back: see Consent.\n"
    )


def _conditions(about: About) -> str:
    if not about.where:
        return ""
    return f"Taken are clips with {'; '.join(f'`{each}`' for each in about.where)}.\n"


def _hours(about: About, figures: Figures) -> str:
    heads = {
        "language": "language",
        "gender": "gender",
        "age_band": "age",
        "district": "district",
        "dialect": "dialect",
    }
    tables = [_table("", {"all": {"all": figures.total, **figures.by_split}})]
    for fact, by_value in figures.by_fact.items():
        if set(by_value) != {UNKNOWN}:
            named = {
                f"{about.languages.get(value, value)} ({value})" if fact == "language" else value: amounts
                for value, amounts in by_value.items()
            }
            tables.append(_table(heads[fact], named))
    return "\n".join(tables)


def _table(head: str, rows: Mapping[str, Mapping[str, Amount]]) -> str:
    lines = [f"| {head} | clips | speakers | all | {' | '.join(SPLITS)} |", "|---|--:|--:|--:|--:|--:|--:|"]
    for value, amounts in rows.items():
        whole = amounts["all"]
        parts = (length(amounts[split].seconds) for split in SPLITS)
        lines.append(
            f"| {escaped(value)} | {whole.clips} | {whole.speakers} | {length(whole.seconds)} | {' | '.join(parts)} |"
        )
    return "\n".join(lines) + "\n"


def _measures(figures: Figures) -> str:
    """Tables for those who don't see the picture, and the picture."""
    lines = [
        "![How the measures of the clips are spread](spread.svg)",
        "",
        f"| of the clips | {' | '.join(f'{share:.0%}' for share in QUANTILES)} |",
        f"|---|{'--:|' * len(QUANTILES)}",
        *(
            f"| `{name}` | {' | '.join(f'{value:.3g}' for value in spread.values())} |"
            for name, spread in figures.spread.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _small_languages(about: About, figures: Figures) -> str:
    said = []
    for code, amounts in figures.by_fact["language"].items():
        empty = [split for split in SPLITS if not amounts[split].clips]
        if empty:
            voices = amounts["all"].speakers
            said.append(
                f"- {about.languages.get(code, code)} has {voices} speaker{'s' * (voices != 1)} and so no "
                f"{' and no '.join(empty)} split."
            )
    if not said:
        return ""
    why = (
        "A voice stands in one split only, because a model that is tested on voices it has learnt from looks better "
        "than it is."
    )
    return "\n".join([*said, "", why]) + "\n"


def _overlap(figures: Figures) -> str:
    lines = [
        f"- {count} of the {figures.by_split[split].clips} {split} clips say, in another voice, a text that also "
        "stands in train."
        for split, count in figures.said_in_train.items()
        if count
    ]
    return "\n".join(lines) + "\n" if lines else ""


def _made(figures: Figures) -> str:
    agreement = figures.agreement
    origins = ", ".join(f"{count} by {origin}" for origin, count in agreement.by_origin.items())
    lines = [
        "- Recordings are kept as they came, and were cut into utterances at pauses "
        f"(recipe {', '.join(figures.recipes)}; originals at {', '.join(map(str, figures.sample_rates))} Hz). "
        "`recording`, `start_sample` and `end_sample` say from where.",
        f"- People wrote down what they heard (guidelines {', '.join(figures.guidelines)}). `verbatim` is what they "
        "wrote; `text` is the same by the language's rules: look-alike letters mended, one of two readings chosen.",
        f"- How the texts were decided: {origins}."
        + (
            f" Two people wrote {agreement.written_twice} of them down unseen by each other; their texts differ by "
            f"{agreement.mean_cer:.1%} of the characters on average (`cer`)."
            if agreement.mean_cer is not None
            else ""
        ),
        f"- Words were timed by {', '.join(figures.aligners)}: "
        + ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in figures.by_alignment.items())
        + ". Times are seconds from the start of the clip.",
    ]
    if figures.models:
        heard = ", ".join(f"{model} {several(count, 'clip')}" for model, count in figures.models.items())
        lines.append(
            f"- Models heard clips too: {heard}. `pairs` says word by word what people made of it, also of what nobody "
            "began with; `boli release pull --for pairs` writes it as JSON lines."
        )
    if figures.mean_snr_db is not None:
        lines.append(f"- Speech stands {figures.mean_snr_db:.0f} dB over the noise on average (`snr_db`).")
    return "\n".join(lines) + "\n"


def _consent(about: About, figures: Figures) -> str:
    said = []
    if figures.speakers_asked:
        said.append(
            f"{_people(figures.speakers_asked)} informed what the recording is for (notice version "
            f"{about.consent_version}) and agreed to: {', '.join(about.consent_scopes)}."
        )
    if figures.speakers_by_public_licence:
        said.append(
            f"{_people(figures.speakers_by_public_licence)} not asked by this project: the recordings come "
            "from corpora that were published under a public licence (`consent` is `public_licence`, `licence` is "
            "that licence)."
        )
    if about.purposes:
        named = ", ".join(each.replace("_", " ") for each in about.purposes)
        not_for = (
            ""
            if "voice_cloning" in about.purposes
            else " It is not for making machines speak with their voices."
        )
        said.append(f"Every speaker agreed to its being used for: {named}, and for nothing else.{not_for}")
    return (
        " ".join(said)
        + " Speakers are known by a pseudonym of this project. Do not try to find out who they are."
        "\n\nA speaker can take their consent back at any time: with the code of their receipt on the page "
        "“Withdraw” of the project's portal, or by telling any of its coordinators. Their clips are then taken out of "
        "every version, and `withdrawn.jsonl`, beside the versions, names the rows: drop them from every "
        "copy you hold.\n"
    )


def _licence(about: About, figures: Figures) -> str:
    licences = figures.licences or (about.licence,)
    named = ", ".join(f"[{each}](https://spdx.org/licenses/{each}.html)" for each in licences)
    whole = " Each row names its own in `licence`." if len(licences) > 1 else ""
    return f"{named} (SPDX).{whole} The full text stands in `{LICENCES}/`.\n"


def _known_faults(known: Mapping[faults.Code, int], clips: int) -> str:
    if not known:
        return "None of its clips has anything known against it.\n"
    lines = [
        f"- `{code}`, {several(count, 'clip')} ({count / clips:.1%}): {faults.MEANINGS[code]}"
        for code, count in known.items()
    ]
    return "\n".join([f"Published all the same; `{faults.FAULTS}` names the clips.", "", *lines]) + "\n"


def _coverage(about: About, figures: Figures) -> str:
    if not figures.wanted:
        return ""
    lines = [
        "## Against what is wanted\n",
        "![Hours against the project's quotas](coverage.svg)\n",
        "| | | in this version | wanted | |",
        "|---|---|--:|--:|--:|",
    ]
    for each in figures.wanted:
        language = about.languages.get(each.language, each.language)
        part = "all" if each.fact == "all" else f"{each.fact.replace('_', ' ')} {escaped(each.value)}"
        have, wanted = length(each.seconds), length(each.wanted)
        lines.append(f"| {language} ({each.language}) | {part} | {have} | {wanted} | {each.share:.0%} |")
    return "\n".join(lines) + "\n"


def _not_in_it(figures: Figures) -> str:
    lines = [
        f"- Received: {several(figures.received.count, 'file')}, {length(figures.received.seconds)} of sound."
    ]
    for line in figures.ends:
        if line.end not in _IN_IT:
            why = f", because: {line.reason}" if line.reason else ""
            lines.append(f"- {line.noun} {line.end}{why}: {line.count} ({length(line.seconds)})")
    for reason, count in figures.held_back.items():
        lines.append(f"- accepted, and held back because {HELD_BACK[reason]}: {several(count, 'clip')}")
    return "\n".join(lines) + "\n"


_IN_IT = frozenset({"cut", "accepted", "published"})


def _loading(dataset: str, version: str) -> str:
    return f"""\
A copy, which `boli release pull {dataset} path/to/{dataset}` brings (with `--for lhotse`, `nemo`, `kaldi`, `webdataset`
and others also what those read; `sha256sum -c checksums.sha256` checks it):

```python
from datasets import Audio, load_dataset

data = load_dataset("path/to/{dataset}").cast_column("audio", Audio(decode=False))   # bytes: no torch needed
```

Straight from the store: `files.json` says where the rows of each split lie.

```python
import json

import fsspec

ROOT = "s3://BUCKET/PREFIX/datasets/{dataset}"
with fsspec.open(f"{{ROOT}}/{version}/files.json") as file:
    parts = {{split: [f"{{ROOT}}/{{part}}" for part in listed] for split, listed in json.load(file).items() if listed}}
```

```python
from datasets import Audio, load_dataset                                                    # streaming, with sound

rows = load_dataset("parquet", data_files=parts, streaming=True)["train"].cast_column("audio", Audio(decode=False))
```

```python
import polars                                                                               # columns, with a filter

texts = polars.scan_parquet(parts["train"]).filter(polars.col("duration") >= 1).select("id", "text").collect()
```

```python
import duckdb                                                                               # SQL

hours = duckdb.read_parquet(parts["train"]).aggregate("language, sum(duration) / 3600 as hours").fetchall()
```
"""


def _people(count: int) -> str:
    return f"{count} speakers were" if count != 1 else "1 speaker was"
