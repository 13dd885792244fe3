"""Clips whose true text is known, of real sentences, and what each simulated writer writes for them."""

import random
from dataclasses import dataclass
from pathlib import Path

from bench.help_sentences import read_help_sentences
from bench.transcribers import Spoken, Writer, own_form, read_sentences, speak, write_down
from tests.transcription.village import guidelines
from transcription.rules.guideline import Guideline
from transcription.text.checker import Severity, check
from transcription.text.spellings import spellings_of

GOLD = 12
SENTENCES = Path(__file__).resolve().parents[2] / "shared" / "data" / "transcribed"


@dataclass(frozen=True, slots=True)
class Truth:
    """The clips of one simulation, and what each writer writes for each: always the same."""

    language: str
    clips: tuple[Spoken, ...]
    others: list[str]
    guideline: Guideline
    seed: int
    own_spelling: float = 0.0
    """How many of the words that may be spelt in several ways a writer spells in another one than the true text."""

    def text(self, index: int, writer: Writer) -> str:
        """The first that the checker lets through, as people mend what it refuses."""
        clip = self.clips[index]
        dice = random.Random(f"{self.seed}/{index}/{writer.name}")
        while True:
            text = self._spelt(write_down(writer, clip, self.others, dice), writer)
            if passes(text, self.guideline):
                return text

    def _spelt(self, text: str, writer: Writer) -> str:
        """As this writer always spells: words that others may spell otherwise."""
        if not self.own_spelling:
            return text
        spellings = spellings_of(self.guideline)
        return " ".join(
            own_form(spellings.forms(word), f"{writer.name}/{word}", self.own_spelling)
            for word in text.split()
        )


def true_clips(
    language: str,
    clips: int,
    seed: int,
    folder: Path = SENTENCES,
    own_spelling: float = 0.0,
    help_pages: Path | None = None,
) -> Truth:
    """Clips of real sentences; the first GOLD of them are the gold ones.

    help_pages: where sentences are taken from instead of the lists of recordings
    """
    guideline = guidelines()[language]
    known = (
        read_sentences(folder, [language])[language]
        if help_pages is None
        else read_help_sentences(help_pages, language)
    )
    sentences = [text for text in known if passes(text, guideline)]
    spoken = speak({language: sentences}, clips + GOLD, random.Random(seed))
    return Truth(language, tuple(spoken), sentences, guideline, seed, own_spelling)


def repeated_share(truth: Truth) -> float:
    """Of the words spoken, the share in sentences that came before, as there are too few: those are easily known."""
    words = sum(len(clip.words) for clip in truth.clips)
    return max(0.0, 1 - sum(len(each.split()) for each in truth.others) / words)


def passes(text: str, guideline: Guideline) -> bool:
    return not any(finding.severity is Severity.ERROR for finding in check(text, guideline))
