"""Only the moves of the table are possible."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.states import MOVES, ClipState, ForbiddenMove, TaskState, moved

KINDS = sorted(MOVES, key=lambda kind: kind.__name__)


@given(st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(*[st.sampled_from(sorted(kind))] * 2)))
def test_a_move_is_made_where_the_table_has_it_and_refused_elsewhere(states: tuple[StrEnum, StrEnum]) -> None:
    current, to = states

    if to in MOVES[type(current)][current]:
        assert moved(current, to) is to
    else:
        with pytest.raises(ForbiddenMove):
            moved(current, to)


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_has_its_line_in_the_table(kind: type[StrEnum]) -> None:
    assert set(MOVES[kind]) == set(kind)


@pytest.mark.parametrize("withdrawn", [ClipState.WITHDRAWN, TaskState.WITHDRAWN])
def test_nothing_comes_back_from_a_withdrawal(withdrawn: StrEnum) -> None:
    assert MOVES[type(withdrawn)][withdrawn] == frozenset()
