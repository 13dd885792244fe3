"""A language's models from its clips: a flat start from the reference aligner, then align and estimate in turn."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from audio.align.corpus.fit import ALARM_SHARE, worst_stretch
from audio.align.corpus.frames import Scale
from audio.align.corpus.graph import PARTS
from audio.align.corpus.mixtures import Mixtures, estimate
from audio.align.corpus.model import CorpusModel, Path
from audio.align.corpus.sounds import SILENCE, UNKNOWN, Word, tie_rare
from audio.align.corpus.viterbi import NoWayError
from audio.align.features import Floats

ROUNDS = (0, 0, 400, 300, 200, 150, 100, 100)
"""Of aligning and estimating: frames that each further Gaussian of a state needs in that round; 0: one Gaussian."""
_MOST_GAUSSIANS, _MOST_OF_SILENCE = 6, 8
_ANY_SOUND = 4000  # frames at most that the model of all speech is made of
_MOST_FRAMES = 3000  # of one state that its mixture is made of, evenly taken

Frames = npt.NDArray[np.int64]


class TooLittleError(ValueError):
    """There is nothing to learn from."""


@dataclass(frozen=True, slots=True)
class HeardClip:
    """A clip to learn from.

    words:  the sounds of each word
    frames: (frames, d), as `hear` gives them
    spans:  (words, 2), first frame and last + 1 of each word by the reference aligner
    """

    words: tuple[Word, ...]
    frames: Floats
    spans: Frames


def train(clips: Sequence[HeardClip], voice: str, rounds: Sequence[int] = ROUNDS) -> CorpusModel:
    """Learn a model; the same clips in the same order give the same one.

    voice: of espeak-ng, whose mnemonics the words' sounds are
    Raises TooLittleError for clips without speech or without a frame of silence.
    """
    if not clips:
        raise TooLittleError("a model is learnt from at least one clip, given none.")
    tied = tie_rare(_frames_of_symbols(clips))
    symbols = (SILENCE, UNKNOWN, *sorted(set(tied.values()) - {UNKNOWN}))
    scale = Scale.of([clip.frames for clip in clips])
    frames = np.concatenate([scale.apply(clip.frames) for clip in clips])
    places = {symbol: number for number, symbol in enumerate(symbols)}
    numbers = places | {symbol: places[model] for symbol, model in tied.items()}
    owner = np.concatenate([_flat(clip, numbers) for clip in clips])
    model = CorpusModel(
        voice, symbols, tuple(sorted(tied.items())), _estimated(frames, owner, len(symbols), 0), scale
    )
    for needed in rounds:
        owner = np.concatenate([_aligned(model, clip) for clip in clips])
        model = replace(model, mixtures=_estimated(frames, owner, len(symbols), needed))
    return _with_limits(model, clips)


def _frames_of_symbols(clips: Iterable[HeardClip]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for clip in clips:
        for sounds, (start, end) in zip(clip.words, clip.spans.tolist(), strict=True):
            for symbol in sounds:
                counts[symbol] = counts.get(symbol, 0.0) + (end - start) / len(sounds)
    return counts


def _flat(clip: HeardClip, numbers: dict[str, int]) -> Frames:
    """The model of each frame: a word's frames parted evenly among its sounds, and silence elsewhere."""
    owner = np.full(len(clip.frames), PARTS * numbers[SILENCE])
    for sounds, (start, end) in zip(clip.words, clip.spans.tolist(), strict=True):
        parts = [PARTS * numbers[symbol] + part for symbol in sounds or (UNKNOWN,) for part in range(PARTS)]
        owner[start:end] = np.array(parts)[np.arange(end - start) * len(parts) // max(1, end - start)]
    return owner


def _aligned(model: CorpusModel, clip: HeardClip) -> Frames:
    """The model of each frame; -1 for those of a clip that has no way."""
    try:
        path = model.path(clip.words, clip.frames)
    except NoWayError:
        return np.full(len(clip.frames), -1)
    return path.graph.model[path.states]


def _estimated(frames: Floats, owner: Frames, symbols: int, needed: int) -> Mixtures:
    """needed: frames for each further Gaussian; 0: one"""
    speech = frames[owner >= PARTS]
    if not len(speech) or not (owner == 0).any():
        raise TooLittleError(
            "a model is learnt from clips in which somebody speaks and somewhere is silent; "
            f"given {len(speech)} frames of speech among {len(frames)}."
        )
    any_sound = _thinned(speech, _ANY_SOUND)
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(PARTS * symbols + 1))
    groups, sizes = [], []
    for state in range(PARTS * symbols):
        own = frames[order[bounds[state] : bounds[state + 1]]]
        silence = state < PARTS
        if silence:  # one state of silence; the others only keep the count
            own = frames[owner == 0]
        elif state < 2 * PARTS or not len(own):
            own = any_sound
        most = _MOST_OF_SILENCE if silence else _MOST_GAUSSIANS
        sizes.append(min(max(1, len(own) // needed if needed else 1), most))
        groups.append(_thinned(own, _MOST_FRAMES))
    return estimate(groups, sizes, frames.var(axis=0))


def _thinned(frames: Floats, most: int) -> Floats:
    return frames[:: max(1, -(-len(frames) // most))]


def _with_limits(model: CorpusModel, clips: Sequence[HeardClip]) -> CorpusModel:
    """How clips of this corpus usually fit their texts, and from where on a person should look."""
    gaps = [path.gap for path in _paths(model, clips)]
    if not gaps:
        raise TooLittleError("a model is learnt from clips that are long enough for their texts; given none.")
    joined = np.concatenate(gaps)
    usual = (float(joined.mean()), float(joined.std()))
    worst = [worst_stretch(gap, usual).excess for gap in gaps]
    return replace(model, usual=usual, alarm=float(np.quantile(worst, 1 - ALARM_SHARE)))


def _paths(model: CorpusModel, clips: Iterable[HeardClip]) -> Iterator[Path]:
    for clip in clips:
        try:
            yield model.path(clip.words, clip.frames)
        except NoWayError:
            continue
