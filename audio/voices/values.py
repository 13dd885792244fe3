"""What is known of voices, as plain records: whoever orders a comparison need not load the mathematics."""

from dataclasses import dataclass

MODEL = "resemblyzer/1"
"""Which network makes embeddings now, and how it is fed: those of two names are not compared."""
FEWEST_OWN = 3
"""Recordings that a voice is known from."""


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """embedding: 256 half-precision numbers, little endian; model: that made it; seconds: of speech in the recording

    within: likeness of the two most different groups of its pieces, of two or more each; None where there are too few
    """

    embedding: bytes
    model: str
    seconds: float
    within: float | None


@dataclass(frozen=True, slots=True)
class KnownEmbeddings:
    """What a recording's voice is compared with, of one project.

    own:        of the same speaker's other recordings
    background: one a speaker, of as many as there are: what all voices here have in common
    others:     other speakers' by their id, of one speaker one after another; empty where nobody asks who else it is
    """

    own: tuple[bytes, ...]
    background: tuple[bytes, ...]
    others: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceComparison:
    """likeness: to the speaker's other recordings, -1 to 1; None where there are too few

    is_other: whether that is so little that another voice speaks
    alike:    other speakers whose voice it may be, and how like, the likeliest first
    """

    likeness: float | None
    is_other: bool
    alike: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A likeness, by how many speakers there are: of few, what they have in common is not known well.

    >>> Threshold(many=0.25, none=0.75).of(speakers=0), Threshold(many=0.25, none=0.75).of(speakers=10)
    (0.75, 0.5)
    """

    many: float
    none: float

    def of(self, *, speakers: int) -> float:
        """speakers: that the background is made of"""
        return self.many + (self.none - self.many) * reference_weight(speakers)


def reference_weight(speakers: int) -> float:
    """Share of the reference in what voices have in common; the project's own speakers make the rest.

    >>> reference_weight(0), reference_weight(10), reference_weight(90)
    (1.0, 0.5, 0.1)
    """
    return REFERENCE_SPEAKERS / (REFERENCE_SPEAKERS + speakers)


REFERENCE_SPEAKERS = 10
"""The reference counts as so many speakers of the project."""

# Likenesses by target rate on real speakers; how they were chosen: docs/voices.md, `python -m bench.voice_findings`.
NOT_THEIRS = Threshold(many=0.12, none=0.30)
"""Below: another voice than the speaker's other recordings. One in a hundred of their own is called another's."""
SEVERAL = 0.45
"""Within one recording, below: more than one person speaks. Recordings of one person that came in one piece were at
0.57 and above, one with a cold at 0.22; four of several people before one microphone at 0.42, 0.53, 0.55, 0.61."""
LIKELY = Threshold(many=0.18, none=0.36)
"""From here on two speakers may be one: so are one in twenty pairs of two people."""
SURE = Threshold(many=0.40, none=0.60)
"""From here on two speakers are taken for one: so are one in a thousand pairs of two people, through a phone's codec
one in a hundred; in a project of many speakers, chance there asks for more (`audio.voices.compare.chance_line`)."""
