"""The formats by name: what files a package becomes, and which format a file is in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from transcription.exchange import audacity, elan, labelstudio, tables, textgrid
from transcription.exchange.package import ExchangeError, Package


class Format(StrEnum):
    """What `boli tasks` writes and reads."""

    TEXTGRID = "textgrid"
    EAF = "eaf"
    LABELSTUDIO = "labelstudio"
    CSV = "csv"
    TSV = "tsv"
    AUDACITY = "audacity"

    @property
    def one_sound(self) -> bool:
        """Whether a file has one time line, so that its clips lie in one sound."""
        return self in (Format.TEXTGRID, Format.EAF, Format.AUDACITY)

    @property
    def ending(self) -> str:
        return _ENDINGS[self]


ROWS_ENDING = ".boli.json"
_ENDINGS: Mapping[Format, str] = {
    Format.TEXTGRID: ".TextGrid",
    Format.EAF: ".eaf",
    Format.LABELSTUDIO: ".json",
    Format.CSV: ".csv",
    Format.TSV: ".tsv",
    Format.AUDACITY: ".txt",
}
_READ: Mapping[Format, Callable[[bytes], Package]] = {
    Format.TEXTGRID: textgrid.read,
    Format.EAF: elan.read,
    Format.LABELSTUDIO: labelstudio.read,
    Format.CSV: tables.read_csv,
    Format.TSV: tables.read_tsv,
}


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file to write. name: without a folder."""

    name: str
    data: bytes


def write(package: Package, form: Format, *, sound_prefix: str = "") -> tuple[PackageFile, ...]:
    """The package's files: one a sound for formats with a time line, named like it; else one.

    raises: ExchangeError
    """
    match form:
        case Format.TEXTGRID:
            return tuple(_of_each_sound(package, form, textgrid.write))
        case Format.EAF:
            return tuple(_of_each_sound(package, form, elan.write))
        case Format.AUDACITY:
            rows = [
                PackageFile(f"{_stem(sound)}{ROWS_ENDING}", audacity.write_rows(package.of_sound(sound)))
                for sound in package.sounds
            ]
            return (*_of_each_sound(package, form, audacity.write), *rows)
        case Format.LABELSTUDIO:
            tasks = PackageFile("package.json", labelstudio.write(package, sound_prefix))
            return (tasks, PackageFile("label-config.xml", labelstudio.LABEL_CONFIG.encode()))
        case Format.CSV:
            return (PackageFile("package.csv", tables.write_csv(package)),)
        case Format.TSV:
            return (PackageFile("package.tsv", tables.write_tsv(package)),)


def read(data: bytes, form: Format, *, rows: bytes | None = None) -> Package:
    """The package in a file.

    rows: the file beside labels of Audacity, which alone has one
    raises: ExchangeError
    """
    if form is not Format.AUDACITY:
        return _READ[form](data)
    if rows is None:
        raise ExchangeError(
            f"labels come with the file of rows that was exported beside them, which ends in {ROWS_ENDING}.\n"
            "Put it into the same folder, under the same name but for the ending."
        )
    return audacity.read(data, rows)


def by_ending(name: str) -> Format | None:
    """The format that a file is in by its name; None for one of no format.

    >>> by_ending("package.textgrid"), by_ending("package.csv.txt")
    (<Format.TEXTGRID: 'textgrid'>, <Format.CSV: 'csv'>)
    """
    if name.lower().endswith(ROWS_ENDING):
        return None
    endings = [ending.lower() for ending in PurePath(name).suffixes[-2:]]
    if endings[-1:] == [".txt"] and endings[:-1] != [".txt"]:  # an editor has added its own
        endings = [".txt", *endings[:-1]]
    known = {own.lower(): form for form, own in _ENDINGS.items()}
    return next((known[ending] for ending in reversed(endings) if ending in known), None)


def _of_each_sound(package: Package, form: Format, writer: Callable[[Package], bytes]) -> list[PackageFile]:
    return [
        PackageFile(f"{_stem(sound)}{form.ending}", writer(package.of_sound(sound)))
        for sound in package.sounds
    ]


def _stem(sound: str) -> str:
    return PurePath(sound).stem
