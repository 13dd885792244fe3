"""Lists of districts that projects bring: their source, their rows, what is wrong in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.places import NO_CIRCLE, NO_NAME, TWICE, Place, read_places
from catalog.table_reader import UnreadableTable

SOURCE = "source,Local Government Directory, 2026-11-30\n"


def test_a_list_without_its_source_is_refused_with_what_to_write() -> None:
    for source in ("", "source\n", "source,\n", "from,somewhere\n"):
        with pytest.raises(UnreadableTable, match="where it is from"):
            read_places(f"{source}code,name,parent\n346,Dumka,Jharkhand\n".encode())


@pytest.mark.parametrize("space", ["", " "])
def test_the_columns_of_the_local_government_directory_are_read_as_they_come(space: str) -> None:
    header = f"S.No.,State Code,State Name{space}(In English),District Code,District Name{space}(In English)"

    places = read_places(f"{SOURCE}{header}\n1,20,Jharkhand,346,Dumka\n2,20,Jharkhand,346,Dumka\n".encode())

    assert places.source == "Local Government Directory, 2026-11-30"
    assert places.districts == (Place("346", "Dumka", "Jharkhand"),) and not places.faults


def test_states_of_a_list_are_no_districts_and_give_theirs_their_name() -> None:
    table = "code,name,parent,local_name\n20,Jharkhand,,झारखंड\n346,Dumka,20,दुमका\n349,Deoghar,20,\n"

    places = read_places((SOURCE + table).encode())

    assert places.districts == (
        Place("349", "Deoghar", "Jharkhand"),
        Place("346", "Dumka", "Jharkhand", "दुमका"),
    )


def test_a_row_that_can_not_be_used_is_named_by_line_and_cell() -> None:
    table = f"code,name,parent\n1,Dumka,X\n1,Pakur,X\n2,,X\n3,Godda,3\n4,{'a' * 81},X\n"

    faults = read_places((SOURCE + table).encode()).faults

    assert [(each.line, each.column, each.rule) for each in faults] == [
        (4, "code", TWICE),
        (5, "name", NO_NAME),
        (6, "parent", NO_CIRCLE),
        (7, "name", NO_NAME),
    ]


def test_a_list_is_bounded() -> None:
    rows = "".join(f"{number},District {number},X\n" for number in range(5_001))

    with pytest.raises(UnreadableTable, match="5000 districts"):
        read_places(f"{SOURCE}code,name,parent\n{rows}".encode())


def test_a_district_gets_the_spelling_of_the_list_unless_two_share_it() -> None:
    rows = ("1,Aurangabad,Bihar,", "2,Dumka,Jharkhand,दुमका", "3,Hamirpur,X,हमीरपुर", "4,Hamirpar,Y,हमीरपुर")
    table = "\n".join(("code,name,parent,local_name", *rows))

    places = read_places((SOURCE + table).encode())

    assert [places.spelled(each) for each in ("dumka ", "दुमका", "Dumkaa", "", "हमीरपुर")] == [
        "Dumka",
        "Dumka",
        "Dumkaa",
        "",
        "हमीरपुर",
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_refused_in_words(data: bytes) -> None:
    try:
        places = read_places(data)
    except UnreadableTable as refused:
        assert str(refused)
    else:
        assert places.source
