"""A model that somebody brings hears what it has learnt, says when it was said, and can do no harm."""

import json
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.align.align import AlignmentError
from audio.limits import Limits
from audio.recognise.ctc import align_outputs, recognised
from audio.recognise.file import RecognitionJob, recognise_file
from audio.recognise.network import BadRecogniserError, CtcNetwork
from audio.recognise.vocabulary import BadVocabularyError, Vocabulary, read_vocabulary
from audio.sandbox import Sandbox
from tests.audio.brought import brought, brought_files, sentences


@pytest.fixture(scope="module")
def network(examples):
    model = brought(examples)
    return CtcNetwork(model.onnx, read_vocabulary(model.vocabulary))


@pytest.fixture(scope="module")
def tokens(examples):
    return read_vocabulary(brought(examples).vocabulary)


def letters_wrong(text, other):
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(text, other) / len(text)


def test_a_trained_model_writes_down_what_it_has_learnt_and_nothing_else(examples, network, tokens):
    said = sentences(examples)

    wrong = [
        letters_wrong(each.text, recognised(network.outputs(each.samples), tokens).text) for each in said
    ]

    assert max(wrong[:6]) < 0.15
    assert min(wrong[6:]) > 0.5


def test_the_words_of_a_text_lie_where_they_are_said(examples, network, tokens):
    said = sentences(examples)[0]
    words = said.text.split()

    aligned = align_outputs(network.outputs(said.samples), words, tokens, len(said.samples), "te")

    assert [each.word for each in aligned] == words
    assert all(a.start < a.end <= b.start for a, b in pairwise(aligned))
    spoken = np.abs(np.concatenate([said.samples[each.start : each.end] for each in aligned])).mean()
    before = np.abs(said.samples[: aligned[0].start - 800]).mean()
    assert spoken > 5 * before, "before the first word nobody speaks"


def test_the_text_of_another_clip_scores_low(examples, network, tokens):
    first, second = sentences(examples)[:2]
    outputs = network.outputs(first.samples)

    right = align_outputs(outputs, first.text.split(), tokens, len(first.samples), "te")
    wrong = align_outputs(outputs, second.text.split(), tokens, len(first.samples), "te")

    assert np.mean([each.score for each in right]) > 0.9
    assert np.mean([each.score for each in wrong]) < 0.5


def test_a_text_too_long_for_its_sound_is_refused(network, tokens, examples):
    said = sentences(examples)[0]

    with pytest.raises(AlignmentError, match="can't be said"):
        align_outputs(network.outputs(said.samples), said.text.split() * 40, tokens, len(said.samples), "te")


def test_a_model_runs_in_a_confined_child_and_one_bad_clip_leaves_the_others_alone(examples, tmp_path):
    files = brought_files(examples, tmp_path)
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"fLaC and then nothing")
    said = sentences(examples)[1]
    jobs = [RecognitionJob(broken, files), RecognitionJob(said.path, files)]

    with Sandbox(1, Limits(), temp=tmp_path) as sandbox:
        ends = {end.job.path: end for end in sandbox.map(partial(recognise_file, limits=Limits()), jobs)}

    assert ends[broken].error is not None
    assert letters_wrong(said.text, ends[said.path].result().heard.text) < 0.15


def test_a_file_that_is_no_model_is_a_finding_of_its_clip(examples, tmp_path):
    files = brought_files(examples, tmp_path)
    files.onnx.write_bytes(b"no model at all")

    found = recognise_file(RecognitionJob(sentences(examples)[0].path, files), Limits())

    assert found.heard is None
    assert "no model in ONNX" in found.fault


def test_the_vocabulary_of_another_model_is_refused_with_both_sizes(examples):
    model = brought(examples)
    other = CtcNetwork(model.onnx, Vocabulary(("<pad>", "|", "a"), 0))

    with pytest.raises(BadRecogniserError, match=r"\(1, frames, 3\)"):
        other.outputs(sentences(examples)[0].samples)


@pytest.mark.parametrize(
    ("data", "tokens", "blank"),
    [
        (b'{"<pad>": 0, "|": 1, "a": 2}', ("<pad>", "|", "a"), 0),
        ("<blk> 0\n▁a 1\nb 2\n".encode(), ("<blk>", "▁a", "b"), 0),
        (b"a\r\nb\r\n<blank>\r\n", ("a", "b", "<blank>"), 2),
        (b"<pad> 0\n<blank> 1\n  2\n", ("<pad>", "<blank>", " "), 1),
    ],
)
def test_vocabularies_are_read_as_model_zoos_write_them(data, tokens, blank):
    assert read_vocabulary(data) == Vocabulary(tokens, blank)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"a\nb\n", "names its blank"),
        (b'{"<pad>": 0, "a": 7}', "0, 1, 2"),
        (b'{"<pad>": 0, "a": "1"}', "its number"),
        (b'{"<pad>": ', "an object"),
        (b"<pad>\na\na\n", "once"),
        (b"x" * (2**20 + 1), "at most"),
    ],
)
def test_what_is_no_vocabulary_is_refused_with_the_rule(data, rule):
    with pytest.raises(BadVocabularyError, match=rule):
        read_vocabulary(data)


@given(st.text(alphabet="అఆమన ", min_size=1, max_size=20))
def test_what_a_vocabulary_spells_it_reads_back(text):
    words = text.split()
    vocabulary = read_vocabulary(json.dumps({"<pad>": 0, "|": 1, "అ": 2, "ఆ": 3, "మ": 4, "న": 5}).encode())

    assert vocabulary.text_of([token for token, _ in vocabulary.ids_of(words)]) == " ".join(words)
