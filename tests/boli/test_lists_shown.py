"""What `boli run` says of the lists beside the recordings."""

import pytest

from boli.commands.lists_shown import show_lists
from flows.steps.receive import NO_LISTS, ListsReport, Named


def test_where_all_fits_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_lists(NO_LISTS)

    said = capsys.readouterr()
    assert said.out + said.err == ""


def test_every_kind_of_misfit_is_said_with_its_names_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_lists(
        ListsReport(
            faults=Named.of(["te/recordings.tsv: it is a workbook. Save it as UTF-8."]),
            without_file=Named.of(["recordings.tsv:7: c.mp3"]),
            without_row=Named.of([f"{number}.mp3" for number in range(30)]),
            waiting=Named.of(["te/a.mp3"]),
            corrected=Named.of(["a.mp3: te-01 → te-02"]),
            uncorrected=Named.of(
                ["b.mp3: te-01 → te-02 (would change 2 clips of tiny@1.0.0 in the next version)"]
            ),
        )
    )

    said = capsys.readouterr()
    assert "te/recordings.tsv: it is a workbook" in said.err
    for part in (
        "Rows that name no file (1):",
        "recordings.tsv:7: c.mp3",
        "as one unknown speaker (30):",
        "and 10 more (--json names 30)",
        "Files that wait for their list",
        "a.mp3: te-01 → te-02",
        "--apply corrects what is published, as the next version",
        "would change 2 clips of tiny@1.0.0",
    ):
        assert part in said.out, part
