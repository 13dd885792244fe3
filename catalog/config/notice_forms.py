"""Forms of the consent notice, from `configs/notices`: what a new project begins with, in each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.config.configuration import load
from catalog.config.types import LanguageCode, Text
from catalog.consent import Purpose

PURPOSES = "purposes.yaml"


@dataclass(frozen=True, slots=True)
class NamedPurposes:
    """By purpose and language: the words of the form that name it."""

    speech_recognition: Mapping[LanguageCode, Text]
    commercial: Mapping[LanguageCode, Text]


@dataclass(frozen=True, slots=True)
class NoticeForm:
    """One language's. purposes: the words of the text that name each"""

    text: str
    purposes: Mapping[Purpose, str]


def load_notice_forms(configs: Path) -> dict[str, NoticeForm]:
    """Every form by language code; none where there is no folder. raises: ConfigurationError"""
    folder = configs / "notices"
    path = folder / PURPOSES
    named = load(path, NamedPurposes) if path.is_file() else NamedPurposes({}, {})
    by_purpose = {Purpose.SPEECH_RECOGNITION: named.speech_recognition, Purpose.COMMERCIAL: named.commercial}
    return {
        path.stem: NoticeForm(
            path.read_text("utf-8").strip(),
            {purpose: words[path.stem] for purpose, words in by_purpose.items() if path.stem in words},
        )
        for path in sorted(folder.glob("*.txt"))
    }
