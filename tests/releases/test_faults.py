"""What is known against a published clip, by its own measures and beside others of its language."""

from pathlib import Path

import pytest

from releases.faults import known_faults, without, write_faults
from releases.rows import Word
from tests.releases.rows import row


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"alignment": "low_score"}, "low_score"),
        ({"snr_db": 9.9}, "noisy"),
        ({"clipped_share": 0.02}, "clipped"),
        ({"cer": 0.3}, "texts_far_apart"),
        ({"duplicate_group": "duplicates-1"}, "copy"),
    ],
)
def test_a_measure_that_is_doubtful_is_named(facts: dict[str, object], fault: str) -> None:
    (found,) = known_faults([row(), row(id="clip-2", **facts)])

    assert (found.clip, found.faults) == ("clip-2", (fault,))


def test_a_text_that_is_too_long_for_its_sound_is_known_by_the_others_of_its_language() -> None:
    usual = [row(id=f"clip-{n}", words=(Word("పాట" * (4 + n % 3), 0, 32_000, 0.9),)) for n in range(40)]
    odd = row(id="odd", words=(Word("పాట" * 60, 0, 32_000, 0.9),))

    assert [each.clip for each in known_faults([*usual, odd])] == ["odd"]
    assert not list(known_faults([*usual[:5], odd]))


def test_faults_are_counted_and_a_withdrawn_clip_is_not_named(tmp_path: Path) -> None:
    found = known_faults([row(id="a", snr_db=1.0, cer=0.5), row(id="b", snr_db=1.0)])

    counted = write_faults(tmp_path / "faults", found)

    assert counted == {"noisy": 2, "texts_far_apart": 1}
    assert without((tmp_path / "faults").read_bytes(), {"a"}) == b'{"id": "b", "faults": ["noisy"]}\n'
