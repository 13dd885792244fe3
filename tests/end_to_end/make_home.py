"""A small home of this version, kept for the tests of later ones: `python -m tests.end_to_end.make_home FOLDER`."""

import sys
from pathlib import Path

from tests.portal.browser.filled import fill

VOICES = (*(f"te/te-01_{number:03}.mp3" for number in range(1, 13) if number != 7), "te/te-01 only wind.wav")

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir()
    print(fill(folder, VOICES))  # noqa: T201
