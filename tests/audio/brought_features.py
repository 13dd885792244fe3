"""The tiny CTC that hears by features, as NeMo exports one, trained once a run on the six sentences of `brought`."""

from functools import cache

from audio.recognise.features import FeatureRules, log_mel
from tests.audio.brought import sentences
from tests.audio.tiny_ctc import TinyCtc, trained_on_features

RULES = FeatureRules(hop_ms=20.0, mels=40, log_guard=1e-3)
"""NeMo's way, a frame every 20 ms; with a guard that leaves digital silence near to real one, for so few sentences."""


@cache
def model(examples) -> TinyCtc:
    learnt = sentences(examples)[:6]
    pairs = [(cut, each.text) for each in learnt for cut in each.cuts()]
    return trained_on_features(pairs, lambda samples: log_mel(samples, RULES))
