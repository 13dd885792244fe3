"""The corpus aligner: it learns from a set without its truth, aligns it better, and says where a text is wrong."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import soxr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from audio.align.align import AlignedWord, AlignmentError, align_words
from audio.align.corpus.align import align_by_model
from audio.align.corpus.artefact import BadModelError, from_bytes, to_bytes
from audio.align.corpus.checks import ModelCheck, ModelDecision, decide
from audio.align.corpus.hearing import check_of, heard_clip
from audio.align.corpus.model import CorpusModel
from audio.align.corpus.training import HeardClip, TooLittleError, train
from audio.align.corpus.viterbi import NoWayError, best_states
from audio.align.espeak import speak
from audio.align.words import split_words

RATE = 16_000
Samples = npt.NDArray[np.float32]
SENTENCES = (
    "आज सुबह खेत में बहुत पानी आया", "किसान खुश हो गए", "कल शाम को बाज़ार में भीड़ थी",
    "बच्चे मैदान में खेल रहे हैं", "मेरे घर के पास एक नदी है", "उसने सब को मिठाई खिलाई",
)  # fmt: skip


@pytest.fixture(scope="module")
def spoken() -> list[tuple[Samples, list[str]]]:
    """Short sentences said by one voice, each with half a second of a quiet room around it."""
    return [(_say(text.split()), text.split()) for text in SENTENCES]


@pytest.fixture(scope="module")
def heard(spoken: list[tuple[Samples, list[str]]]) -> list[HeardClip]:
    return [heard_clip(samples, words, "hi") for samples, words in spoken]


@pytest.fixture(scope="module")
def model(heard: list[HeardClip]) -> CorpusModel:
    return train(heard, "hi")


def test_a_corpus_aligns_itself_nearer_than_the_reference_does(shared_data: Path):
    clips = list(_known(shared_data / "aligned" / "mdw_mboshi"))
    learnt = train([heard_clip(samples, words, "sw") for samples, words, _ in clips], "sw")

    before, after = [], []
    for samples, words, truth in clips:
        before.append(_errors(align_words(samples, words, "sw"), truth))
        after.append(_errors(align_by_model(samples, words, learnt).words, truth))

    assert np.concatenate(after).mean() < 0.85 * np.concatenate(before).mean()  # 31 and 46 ms
    assert np.median(np.concatenate(after)) <= 0.027  # 20 ms
    assert (np.concatenate(after) < 0.05).mean() > 0.75  # 0.80


def test_another_clips_text_and_a_missing_phrase_are_found_where_they_are(shared_data: Path):
    clips = list(_known(shared_data / "aligned" / "hi_festival"))
    learnt = train([heard_clip(samples, words, "hi") for samples, words, _ in clips], "hi")

    for number, (samples, words, truth) in enumerate(clips):
        swapped = clips[number - 1][1]
        assert align_by_model(samples, swapped, learnt).misfit is not None
        phrase = max(1, len(words) // 4)
        found = align_by_model(samples, words[: -2 * phrase] + words[-phrase:], learnt).misfit
        assert found is not None
        assert found.start / RATE < truth[-phrase - 1][1]
        assert found.end / RATE > truth[-2 * phrase][0]


def test_words_come_in_order_inside_the_clip_with_a_score(
    spoken: list[tuple[Samples, list[str]]], model: CorpusModel
):
    for samples, words in spoken:
        found = align_by_model(samples, words, model).words

        assert [word.word for word in found] == words
        edges = [edge for word in found for edge in (word.start, word.end)]
        assert edges == sorted(edges)
        assert edges[0] > 0.3 * RATE
        assert edges[-1] < len(samples) - 0.3 * RATE
        assert all(0 <= word.score <= 1 for word in found)


def test_the_same_clips_give_the_same_bytes_and_the_bytes_the_same_model(
    heard: list[HeardClip], model: CorpusModel
):
    content = to_bytes(model)

    assert to_bytes(train(heard, "hi")) == content
    assert to_bytes(from_bytes(content)) == content


def test_more_words_than_time_is_an_error_that_says_so(
    spoken: list[tuple[Samples, list[str]]], model: CorpusModel
):
    with pytest.raises(AlignmentError, match="another clip"):
        align_by_model(spoken[0][0][: RATE // 2], " ".join(SENTENCES).split(), model)


def test_nothing_is_learnt_from_nothing():
    with pytest.raises(TooLittleError, match="at least one"):
        train([], "hi")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mean", np.full((3, 39), np.nan, dtype=np.float32)),
        ("variance", np.zeros((2, 2), dtype=np.float32)),
        ("first", np.array([5, 1], dtype=np.int64)),
        ("symbols", np.array(["x" * 5000])),
        ("voice", np.array([object()], dtype=object)),
        ("format", np.array(99)),
        ("alarm", np.array("loud")),
    ],
)
def test_a_model_that_was_tampered_with_is_refused(
    model: CorpusModel, name: str, value: npt.NDArray[np.generic]
):
    with np.load(io.BytesIO(to_bytes(model))) as arrays_of:
        changed = dict(arrays_of) | {name: value}
    content = io.BytesIO()
    np.savez_compressed(content, **changed)

    with pytest.raises(BadModelError):
        from_bytes(content.getvalue())


def test_a_model_that_would_unpack_to_too_much_is_refused_unread():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mean.npy", b"\0" * 40_000_000)

    with pytest.raises(BadModelError, match="unpacks"):
        from_bytes(content.getvalue())


@given(st.binary(max_size=300))
def test_any_bytes_are_a_model_or_refused(content: bytes):
    with pytest.raises(BadModelError):
        from_bytes(content)


def test_ten_minutes_are_needed_before_models_are_trusted(heard: list[HeardClip]):
    decision = decide(heard, [None] * len(heard), "hi")

    assert decision.reason == "too_little"


def test_models_learnt_from_right_texts_are_chosen_and_from_shuffled_texts_not(shared_data: Path):
    clips = [(samples, words) for samples, words, _ in _known(shared_data / "aligned" / "mdw_mboshi")]
    others = [words for _, words in (*clips[1:], clips[0])]

    right = _decision(
        [(samples, words, other) for (samples, words), other in zip(clips, others, strict=True)]
    )
    wrong = _decision(
        [(samples, other, words) for (samples, words), other in zip(clips, others, strict=True)]
    )

    assert right.told_apart > wrong.told_apart + 0.2
    assert right.agreement > wrong.agreement + 0.2
    assert right.reason is None
    assert wrong.reason is not None


def test_a_decision_names_what_speaks_against_the_models():
    good = ModelDecision(900, 200, True, 0.95, 0.97, 0.9, 1.0, 0.98)

    assert good.reason is None
    assert replace(good, agreement=0.5).reason == "halves_disagree"
    assert replace(good, stability=0.7).reason == "less_stable"
    assert replace(good, told_apart=0.7).reason == "does_not_know_its_texts"
    assert replace(good, is_enough=False).reason == "too_little"


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(4, 20), st.just(5)), elements=st.floats(-9, 0, width=32))
)
def test_a_path_visits_every_state_that_may_not_be_passed_over(likelihood: npt.NDArray[np.float32]):
    optional = np.array([True, False, True, False, True])

    path = best_states(likelihood, optional, np.zeros(5, dtype=np.float32))

    assert path[0] in (0, 1)
    assert path[-1] in (3, 4)
    assert {1, 3} <= set(path.tolist())
    assert set(np.diff(path).tolist()) <= {0, 1, 2}


def test_fewer_frames_than_states_have_no_way():
    with pytest.raises(NoWayError):
        best_states(
            np.zeros((2, 4), dtype=np.float32), np.zeros(4, dtype=np.bool_), np.zeros(4, dtype=np.float32)
        )


def _decision(clips: Sequence[tuple[Samples, list[str], list[str]]]) -> ModelDecision:
    heard: list[HeardClip] = []
    checks: list[ModelCheck | None] = []
    for samples, words, other in clips:
        try:
            heard.append(heard_clip(samples, words, "sw"))
            checks.append(check_of(samples, words, other, "sw"))
        except AlignmentError:  # a text that can't be said in that time is set aside
            del heard[len(checks) :]
    return decide(heard, checks, "sw", fewest_seconds=60)


def _say(words: list[str]) -> Samples:
    said = speak(words, "hi+m3", 140)
    sound = np.asarray(soxr.resample(said.samples, said.rate, RATE), dtype=np.float32)
    room = np.random.default_rng(1).standard_normal(len(sound) + RATE).astype(np.float32) * np.float32(0.002)
    room[RATE // 2 : RATE // 2 + len(sound)] += sound
    return room


def _known(folder: Path) -> list[tuple[Samples, list[str], list[tuple[float, float]]]]:
    found = []
    for path in sorted(folder.glob("*.words.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        words = [word for word in truth["words"] if split_words(word["word"])]
        samples, rate = soundfile.read(
            path.with_name(path.name.replace(".words.json", ".wav")), dtype="float32"
        )
        sound = np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)
        spans = [(word["start"], word["end"]) for word in words]
        found.append((sound, [word["word"] for word in words], spans))
    return found


def _errors(found: Sequence[AlignedWord], truth: Sequence[tuple[float, float]]) -> npt.NDArray[np.float64]:
    return np.abs(
        np.array([(word.start / RATE, word.end / RATE) for word in found]) - np.array(truth)
    ).ravel()
