"""The sound models of one language as its clips taught them: what aligns, and what is kept in the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from audio.align.corpus.frames import Scale
from audio.align.corpus.graph import Graph, graph_of
from audio.align.corpus.mixtures import Mixtures
from audio.align.corpus.sounds import Word
from audio.align.corpus.viterbi import best_states
from audio.align.features import Floats

_MOVED = 5  # frames: 50 ms
_CERTAIN = 30.0  # of an edge that is the clip's own


@dataclass(frozen=True)
class CorpusModel:
    """A mixture for each part of each symbol.

    symbols:  those that have a model, in the order of the mixtures
    tied:     pairs of a symbol and the one whose model it shares
    usual:    mean and deviation, over frames of the corpus, of how much nearer another sound would have been
    alarm:    a stretch that fits its text worse than this is for a person: 2 % of the corpus' clips have one
    """

    voice: str
    symbols: tuple[str, ...]
    tied: tuple[tuple[str, str], ...]
    mixtures: Mixtures
    scale: Scale
    usual: tuple[float, float] = (0.0, 1.0)
    alarm: float = float("inf")

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Of each symbol the number of its model."""
        own = {symbol: number for number, symbol in enumerate(self.symbols)}
        return own | {symbol: own[model] for symbol, model in self.tied}

    def path(self, words: Sequence[Word], frames: Floats) -> "Path":
        """frames: as `hear` gives them. Raises NoWayError where the words need more frames than there are."""
        graph = graph_of(words, self.numbers)
        likelihood = self.mixtures.likelihood(self.scale.apply(frames))
        states = best_states(likelihood[:, graph.model], graph.optional, graph.skip_cost)
        own = likelihood[np.arange(len(states)), graph.model[states]]
        spoken = likelihood[:, graph.model]
        return Path(graph, states, np.asarray(likelihood.max(axis=1) - own), _margins(spoken, states, graph))


@dataclass(frozen=True, slots=True)
class Path:
    """The way of a clip through its text.

    states: (frames,), of the graph
    gap:    (frames,), by how much (log likelihood) the nearest of all sounds is nearer than the one in the text
    margin: (words,), what it would cost (log likelihood) to move the less certain edge of a word by _MOVED frames
    """

    graph: Graph
    states: npt.NDArray[np.int64]
    gap: Floats
    margin: Floats

    @property
    def word(self) -> npt.NDArray[np.int64]:
        """(frames,), -1 for silence"""
        return self.graph.word[self.states]

    def spans(self) -> npt.NDArray[np.int64]:
        """First frame and last + 1 of each word: (words, 2)"""
        return _spans(self.word)


def _spans(word: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    count = int(word.max()) + 1  # none is ever passed over
    first = np.searchsorted(np.maximum.accumulate(word), np.arange(count))
    held = np.bincount(word[word >= 0], minlength=count)
    return np.stack([first, first + held], axis=1)


def _margins(likelihood: Floats, states: npt.NDArray[np.int64], graph: Graph) -> Floats:
    """likelihood: (frames, states of the graph)"""
    spans = _spans(graph.word[states])
    costs = {edge: _cost_of_moving(likelihood, states, edge) for edge in set(spans.ravel().tolist())}
    return np.array([min(costs[first], costs[after]) for first, after in spans.tolist()], dtype=np.float32)


def _cost_of_moving(likelihood: Floats, states: npt.NDArray[np.int64], edge: int) -> float:
    """Of the cheaper direction: the state before the edge goes on, or the one after it begins sooner."""
    if not 0 < edge < len(states):
        return _CERTAIN
    later, sooner = np.arange(edge, min(edge + _MOVED, len(states))), np.arange(max(0, edge - _MOVED), edge)
    on = likelihood[later, states[later]] - likelihood[later, states[edge - 1]]
    back = likelihood[sooner, states[sooner]] - likelihood[sooner, states[edge]]
    return max(0.0, float(min(on.sum(), back.sum())))
