"""Kaldi data directories, one a split; an utterance's name begins with its speaker, and lists are in the order of C.

    kaldi/<split>/{wav.scp,text,utt2spk,spk2utt,spk2gender,utt2lang,reco2dur,utt2dur}

Sounds are decoded by `flac` while they are read, as in Kaldi's own recipes; run Kaldi from the folder of the copy.
"""

from collections import defaultdict

from releases.forms.files import put_sound
from releases.forms.folder import FormFolder, one_line
from releases.forms.source import PulledVersion
from releases.rows import SPLITS, Split

GENDERS = {"female": "f", "male": "m"}
"""Kaldi knows two; a speaker of another gender, or of none that is known, is not in spk2gender."""


def write(version: PulledVersion, folder: FormFolder) -> None:
    for split in SPLITS:
        if version.of(split):
            _write(version, split, folder)


def _write(version: PulledVersion, split: Split, folder: FormFolder) -> None:
    lists: dict[str, dict[str, str]] = defaultdict(dict)
    spoken: dict[str, list[str]] = defaultdict(list)
    for part in version.of(split):
        for row in part.rows():
            name = f"{row.speaker}-{row.id}"
            lists["wav.scp"][name] = f"flac -c -d -s {put_sound(row, folder)} |"
            lists["text"][name] = one_line(row.text)
            lists["utt2spk"][name] = row.speaker
            lists["utt2lang"][name] = row.language
            lists["utt2dur"][name] = lists["reco2dur"][name] = f"{row.duration:.6f}"
            spoken[row.speaker].append(name)
            if row.gender in GENDERS:
                lists["spk2gender"][row.speaker] = GENDERS[row.gender]
    for speaker, names in spoken.items():
        lists["spk2utt"][speaker] = " ".join(sorted(names, key=str.encode))
    for name, entries in lists.items():
        with folder.lines(f"kaldi/{split}/{name}") as out:
            for key in sorted(entries, key=str.encode):
                out.write(f"{key} {entries[key]}")
