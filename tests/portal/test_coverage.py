"""Hours against what is wanted: the sums are true, and whoever is missing most is pointed out."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.config.project import Quota
from catalog.coverage import CoverageGroup, Spoken, boards, lay_out, spoken

QUOTA = Quota(
    hours=10,
    by_district={"Dumka": 6, "Godda": 4},
    by_gender={"female": 5, "male": 5},
    by_age_band={"18-44": 5, "45+": 5},
)


def test_a_cell_wants_its_share_of_each_difference():
    told = lay_out("te", QUOTA, [Spoken(CoverageGroup("Dumka", "female", "45+"), 720, 60)])

    cells = {cell.group: cell for row in told.rows for cell in row.cells}
    cell = cells[CoverageGroup("Dumka", "female", "45+")]
    assert (cell.recorded, cell.accepted) == (720, 60)
    assert round(cell.wanted) == 10 * 3600 * 0.6 * 0.5 * 0.5
    assert round(sum(each.wanted for each in cells.values())) == 10 * 3600
    assert len(cells) == 8


def test_the_cell_with_most_missing_is_outlined_and_no_other():
    full = [
        Spoken(CoverageGroup(district, gender, age), 3600 * 3, 0)
        for district in ("Dumka", "Godda")
        for gender in ("female", "male")
        for age in ("18-44", "45+")
        if (district, gender, age) != ("Godda", "female", "45+")
    ]

    told = lay_out("te", QUOTA, full)

    assert [cell.group for row in told.rows for cell in row.cells if cell.next] == [
        CoverageGroup("Godda", "female", "45+")
    ]
    assert told.most_missing is not None and told.most_missing.group == CoverageGroup(
        "Godda", "female", "45+"
    )


def test_people_of_whom_little_is_known_are_counted_and_not_asked_for():
    told = lay_out("te", QUOTA, [Spoken(CoverageGroup("", "", ""), 600, 0)])

    unknown = [cell for row in told.rows for cell in row.cells if cell.recorded]
    assert told.recorded == 600
    assert [cell.wanted for cell in unknown] == [None]


def test_differences_that_nobody_asked_for_do_not_scatter_the_hours():
    spoken = [
        Spoken(CoverageGroup("Dumka", "female", "45+"), 60, 0),
        Spoken(CoverageGroup("Godda", "male", "18-44"), 60, 0),
    ]

    told = lay_out("te", Quota(hours=1), spoken)

    assert len(told.rows) == len(told.columns) == 1
    assert told.rows[0].cells[0].recorded == 120


def test_where_all_is_there_nobody_is_asked_for():
    told = lay_out("te", Quota(hours=1), [Spoken(CoverageGroup("", "", ""), 3700, 3700)])

    assert told.most_missing is None


names = st.sampled_from(["", "Dumka", "Godda", "Elsewhere"])


@given(
    st.lists(
        st.builds(
            Spoken,
            st.builds(
                CoverageGroup,
                names,
                st.sampled_from(["", "female", "male"]),
                st.sampled_from(["", "18-44", "60+"]),
            ),
            st.integers(0, 9000).map(float),
            st.just(0.0),
        ),
        max_size=30,
    ),
    st.sampled_from([None, QUOTA, Quota(hours=2), Quota(hours=2, by_gender={"female": 1})]),
)
def test_no_second_is_lost_or_counted_twice(spoken, quota):
    told = lay_out("te", quota, spoken)

    total = sum(each.recorded for each in spoken)
    assert told.recorded == total == sum(cell.recorded for row in told.rows for cell in row.cells)


def test_clips_that_wait_count_as_recorded(busy_portal):
    with busy_portal.catalog.reading() as session:
        told = boards(busy_portal.project("demo"), spoken(session, "demo"))[0]

    assert told.recorded > 5 and told.accepted == 0
    assert told.wanted == 360
