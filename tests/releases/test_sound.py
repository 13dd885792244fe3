"""The sound of a clip is held against what the catalogue says before it is published."""

from collections.abc import Callable

import pytest
import soundfile

from releases.sound import decoded, reaching_its_end
from tests.releases.conftest import tone


@pytest.mark.parametrize("seconds", [0.0001, 0.256, 1.0, 5.0])
def test_what_reaches_its_end_is_as_long_as_it_decodes(seconds: float) -> None:
    data = tone(seconds, pitch=300)

    assert reaching_its_end(data) == decoded(data)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2] + bytes(len(data) - len(data) // 2),
        lambda data: data[:60],
        lambda data: b"",
        lambda data: b"fLaC not sound",
    ],
)
def test_a_sound_that_ends_before_its_header_says_does_not_reach_its_end(
    spoil: Callable[[bytes], bytes],
) -> None:
    with pytest.raises(soundfile.LibsndfileError):
        reaching_its_end(spoil(tone(5.0, pitch=300)))
