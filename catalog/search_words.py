"""Search words: the index by which a clip is found by what is said in it, and an upload by its file's name."""

from collections.abc import Collection, Sequence
from unicodedata import category, normalize

from sqlalchemy import ColumnElement, Select, delete, exists, insert, select
from sqlalchemy.orm import Session, aliased

from catalog.states import SearchKind
from catalog.tables import SearchWord

LONGEST = 40
"""Letters of a word that are kept: longer ones are found by their beginning."""
MOST_ASKED = 6
"""Words of one question; what follows is left out."""
_LAST = "\U0010ffff"


def search_words(text: str) -> list[str]:
    """The words of a text as they are looked up, in their order, each once: letters with their signs, and digits.

    >>> search_words("te/Asha_01 రేపు రేపు.m4a")
    ['te', 'asha', '01', 'రేపు', 'm4a']
    """
    # Joiners are dropped: with and without them a reader sees, and types, the same word.
    kept = (letter for letter in normalize("NFC", text).casefold() if category(letter) != "Cf")
    spaced = "".join(letter if category(letter)[0] in "LMN" else " " for letter in kept)
    return list(dict.fromkeys(word[:LONGEST] for word in spaced.split()))


def index_words(session: Session, project_id: str, kind: SearchKind, subject_id: str, text: str) -> None:
    """Let a clip or an upload be found by the words of `text`, and by no other word any more."""
    forget_words(session, kind, [subject_id])
    rows = [
        {"project_id": project_id, "kind": kind, "word": word, "subject_id": subject_id}
        for word in search_words(text)
    ]
    if rows:
        session.execute(insert(SearchWord), rows)


def forget_words(
    session: Session, kind: SearchKind, subject_ids: Collection[str] | Select[tuple[str]]
) -> None:
    """Let these be found no more."""
    session.execute(
        delete(SearchWord).where(SearchWord.kind == kind, SearchWord.subject_id.in_(subject_ids)),
        execution_options={"synchronize_session": False},
    )


def subjects_with(project_id: str, kind: SearchKind, words: Sequence[str]) -> Select[tuple[str]]:
    """Ids of what has all of these words, the last of them perhaps only begun. words: of `search_words`, one at least

    Ids may come twice, in no order: it is for a caller to ask for as many as it shows.
    """
    *whole, begun = words[:MOST_ASKED]
    query = select(SearchWord.subject_id).where(
        SearchWord.project_id == project_id,
        SearchWord.kind == kind,
        SearchWord.word >= begun,
        SearchWord.word < begun + _LAST,
    )
    return query.where(*(_also(word) for word in whole))


def _also(word: str) -> ColumnElement[bool]:
    other = aliased(SearchWord)
    return exists().where(
        other.project_id == SearchWord.project_id,
        other.kind == SearchWord.kind,
        other.word == word,
        other.subject_id == SearchWord.subject_id,
    )
