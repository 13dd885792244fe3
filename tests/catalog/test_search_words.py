"""Words find what they were said in, whatever the database, and nothing once they are forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.search_words import LONGEST, forget_words, index_words, search_words, subjects_with
from catalog.states import SearchKind


def found(session, asked: str, *, project: str = "demo", kind: SearchKind = SearchKind.CLIP) -> set[str]:
    return set(session.scalars(subjects_with(project, kind, search_words(asked))))


def test_a_clip_is_found_by_all_its_words_and_by_the_beginning_of_the_last(catalog):
    with catalog.writing() as session:
        index_words(session, "demo", SearchKind.CLIP, "clip-1", "ఈ రోజు మార్కెట్‌లో టమాటా ధర")
        index_words(session, "demo", SearchKind.CLIP, "clip-2", "ఈ రోజు వాన")
        index_words(session, "other", SearchKind.CLIP, "clip-3", "ఈ రోజు వాన")
        index_words(session, "demo", SearchKind.UPLOAD, "upload-1", "te/వాన 01.m4a")

    with catalog.reading() as session:
        assert found(session, "రోజు") == {"clip-1", "clip-2"}
        assert found(session, "రోజు టమా") == {"clip-1"}
        assert found(session, "టమా రోజు") == set()
        assert found(session, "మార్కెట్లో") == {"clip-1"}
        assert found(session, "వాన", kind=SearchKind.UPLOAD) == {"upload-1"}


def test_a_new_text_is_found_by_its_own_words_alone_and_a_forgotten_one_by_none(catalog):
    with catalog.writing() as session:
        index_words(session, "demo", SearchKind.CLIP, "clip-1", "old text")
        index_words(session, "demo", SearchKind.CLIP, "clip-1", "new text")
        assert (found(session, "old"), found(session, "text")) == (set(), {"clip-1"})

        forget_words(session, SearchKind.CLIP, ["clip-1"])

    with catalog.reading() as session:
        assert found(session, "text") == set()


@given(st.text(max_size=200))
def test_words_are_bounded_each_once_and_stay_what_they_are_when_looked_up_again(text):
    words = search_words(text)

    assert len(words) == len(set(words))
    assert all(0 < len(word) <= LONGEST for word in words)
    assert [each for word in words for each in search_words(word)] == words or any(
        len(word) == LONGEST for word in words
    )
