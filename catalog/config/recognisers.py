"""Recognisers that a project brings, and drafts that they write for transcribers: two parts of its file."""

import re
from collections.abc import Iterable
from typing import Literal

from pydantic.dataclasses import dataclass

from catalog.config.configuration import Broken, Share, Unfit
from catalog.config.sentence import Sentence
from catalog.config.types import EXACT, Text

_ADDRESS = re.compile(r"^(s3|file)://\S+$")


@dataclass(frozen=True, slots=True, config=EXACT)
class Recogniser:
    """A recogniser of one language: a CTC model in ONNX with its vocabulary, or a name at the operator's service.

    onnx, vocabulary: files, by their place below the configs folder or their address in a store (s3://, file://)
    features:         likewise the description of what the model hears by, where that is not the sound itself
    service:          what the service at BOLI_RECOGNISER_URL calls the model
    """

    onnx: Text | None = None
    vocabulary: Text | None = None
    features: Text | None = None
    service: Text | None = None
    uses: tuple[Literal["align", "check"], ...] = ()
    """What it does beside drafts: times the words of accepted texts, or finds those that don't fit their sound."""

    def __post_init__(self) -> None:
        if found := tuple(self._faults()):
            raise Unfit(*found)

    def _faults(self) -> Iterable[Broken]:
        if (self.onnx is None) == (self.service is None) or (self.onnx is None) != (self.vocabulary is None):
            rule = Sentence(
                "is a model (`onnx` with its `vocabulary`) or the name of one at a service (`service`)"
            )
            yield Broken((), rule, Sentence("Write both files, or the name alone."))
        for name, place, endings in (
            ("onnx", self.onnx, (".onnx",)),
            ("vocabulary", self.vocabulary, (".json", ".txt")),
            ("features", self.features, (".yaml",)),
        ):
            if place is not None and not (place.endswith(endings) and _is_place(place)):
                rule = Sentence(
                    "is a file %(endings)s below the configs folder, or in a store, given '%(place)s'",
                    endings=" / ".join(endings),
                    place=place,
                )
                mend = Sentence("Write models/te%(ending)s, or s3://bucket/te%(ending)s.", ending=endings[0])
                yield Broken((name,), rule, mend)
        if self.service is not None and self.features is not None:
            rule = Sentence("are a model's: a service is sent the sound itself")
            yield Broken(("features",), rule, Sentence("Leave it out, or bring the model as `onnx`."))
        if self.service is not None and self.uses:
            rule = Sentence("needs the model itself: a service says what it heard, not when")
            yield Broken(("uses",), rule, Sentence("Leave it out, or bring the model as `onnx`."))


@dataclass(frozen=True, slots=True, config=EXACT)
class PrefillRules:
    """Machine drafts: what a recogniser heard, or a list brought, stands in the editor before a transcriber begins."""

    drafts: bool = False
    blind_share: Share = 0.2
    """Share of the clips that are written without a draft all the same, so that drafts can be judged by them."""
    error_at_most: Share = 0.3
    """Word error rate of the drafts against accepted texts, above which no more are shown."""
    publish_pairs: bool = False
    """Whether the dataset holds what the machine had written beside what people made of it."""

    def __post_init__(self) -> None:
        if self.drafts and not self.blind_share:
            rule = Sentence(
                "is more than 0 where drafts are shown: without clips written blind nobody knows what they do"
            )
            raise Unfit(Broken(("blind_share",), rule, Sentence("Write 0.2 for one clip in five.")))


def _is_place(place: str) -> bool:
    if "://" in place:
        return _ADDRESS.match(place) is not None
    return not place.startswith("/") and ".." not in place.split("/")
