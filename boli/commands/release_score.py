"""`boli release score | score-pairs`: how wrong somebody's recogniser is, by a version's texts."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.release_target import Json, Token, version_of
from boli.output import complain, print_json, print_table
from catalog.config.settings import load_settings

if TYPE_CHECKING:
    from releases.score import Scores
    from releases.score_pairs import PairScores


class ScoredSplit(StrEnum):
    """The splits of a version, as releases.rows has them."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def register(release: typer.Typer) -> None:
    release.command()(score)
    release.command(name="score-pairs")(score_pairs)


def score(
    hypotheses: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="What was heard, by clip: JSON lines (NeMo's too), CSV, TSV, or Kaldi's text.",
        ),
    ],
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    split: Annotated[ScoredSplit, typer.Option("--split", help="Of the version.")] = ScoredSplit.TEST,
    token: Token = None,
    json: Json = False,
) -> None:
    """Score a recogniser's texts on a split: WER, CER, and the error that permitted spellings don't explain.

    In total and by language, district, gender and device. A clip without a text counts as unheard.

    [bold]Example[/]

      boli release score heard.jsonl boli-demo@1.0.0 --split test
    """
    from releases.hypotheses import read_hypotheses
    from releases.score import score as score_texts
    from releases.versions import read_version
    from transcription.rules.guideline import load_guidelines
    from transcription.rules.language import load_languages

    settings = load_settings()
    heard = read_hypotheses(hypotheses)
    store, dataset, number = version_of(target, settings, token)
    guidelines = load_guidelines(settings.configs, load_languages(settings.configs / "languages"))
    found = score_texts(store, read_version(store, dataset, number), split.value, heard, guidelines)
    if found.missing:
        complain(f"{found.missing} clips of {split.value} have no text: counted as if nothing was heard.")
    if found.unknown:
        complain(f"{found.unknown} texts are of clips that {split.value} doesn't hold: left out.")
    if json:
        print_json(found)
    else:
        _show(found, f"{found.dataset} {found.version}, {found.split}")


def score_pairs(
    target: Annotated[str, typer.Argument(help="name, name@version, or the address of a version.")],
    split: Annotated[
        ScoredSplit | None,
        typer.Option("--split", help="Of the version; by default all.", show_default=False),
    ] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Score the models whose texts a version carries (pairs), against what people made of them.

    In total and by language, district, gender and device. Clips that were chosen because the model was unsure of them
    are left out: have some chosen by chance (`boli tasks correct --by chance`).

    [bold]Example[/]

      boli release score-pairs boli-demo@1.0.0
    """
    from releases.rows import SPLITS
    from releases.score_pairs import score_pairs as score_all
    from releases.versions import read_version
    from transcription.rules.guideline import load_guidelines
    from transcription.rules.language import load_languages

    settings = load_settings()
    store, dataset, number = version_of(target, settings, token)
    guidelines = load_guidelines(settings.configs, load_languages(settings.configs / "languages"))
    splits = SPLITS if split is None else (split.value,)
    for found in score_all(store, read_version(store, dataset, number), guidelines, splits):
        if json:
            print_json(found)
            continue
        if found.doubted:
            complain(f"{found.doubted} pairs of {found.model} are left out: chosen where it was unsure.")
        _show(found, f"{found.dataset} {found.version}, {found.model}")


def _show(found: "Scores | PairScores", title: str) -> None:
    groups = [("all", "", found.total)]
    groups += [(fact, value, held) for fact, values in found.by.items() for value, held in values.items()]
    rows = [
        (
            fact,
            value,
            held.clips,
            held.words,
            *(f"{rate:.1%}" for rate in (held.wer, held.cer, held.spelling_aware)),
        )
        for fact, value, held in groups
    ]
    print_table(title, ("", "", "clips", "words", "WER", "CER", "spelling-aware"), rows)
