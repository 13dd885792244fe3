"""Times of words as NIST's CTM: clip, channel, start, length, word, score; a file a split.

ctm/<split>.ctm
"""

from releases.forms.folder import FormFolder, one_line
from releases.forms.source import PulledVersion
from releases.rows import SPLITS


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        parts = version.of(split)
        if not parts:
            continue
        with folder.lines(f"ctm/{split}.ctm") as out:
            for part in parts:
                for row in part.rows():
                    for word in row.words:
                        score = f" {word.score:.3f}" if word.score is not None else ""
                        said = one_line(word.word).replace(" ", "_")
                        out.write(f"{row.id} 1 {word.start:.4f} {word.end - word.start:.4f} {said}{score}")
