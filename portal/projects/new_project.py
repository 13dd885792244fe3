"""A new project's file: what its owner chose, and for the rest what the examples have."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.config.notice_forms import NoticeForm
from catalog.config.yaml_document import Key, Value
from catalog.config.yaml_edit import edited
from catalog.consent import Purpose

FILE = """\
# Made in the portal. Change it there, under Manage, Settings, or here by hand: both read what the other wrote.
# What each line means: docs/projects.md.
name: ""
title: ""
languages: []

consent:
  version: "1"
  scopes: [transcription, publication]
  # Read aloud to the speaker, word for word. A native speaker signs each before anybody is asked by it; write a new
  # version for every change: what was agreed to is what was heard.
  notices: {}

clips:
  recipe: field
  poor_sound: reject

transcription:
  transcribers: 1
  guideline: v1

agreement:
  threshold: 0.10 # characters that differ, after the language's normalisation

review:
  share: 1.0 # of what would pass without a reviewer

release:
  name: ""
  licence: CC-BY-4.0
  splits: {train: 0.8, validation: 0.1, test: 0.1}
  min_speakers: 5
  stratify_by: [language, gender]

limits:
  recording_hours: 4
  upload_mb: 2000
"""
NAMED_BY_FORMS = (Purpose.SPEECH_RECOGNITION, Purpose.COMMERCIAL)
"""What the forms of the notice name: another purpose is asked for once somebody has written it into the notice."""


@dataclass(frozen=True, slots=True)
class NewProject:
    """What an owner is asked.

    hours:         wanted of each language; None: as many as come
    demonstration: nobody real is recorded, so notices need no signature
    """

    name: str
    title: str
    languages: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    licence: str
    recipe: str
    transcribers: int = 1
    hours: float | None = None
    demonstration: bool = False


def project_text(new: NewProject, forms: Mapping[str, NoticeForm]) -> str:
    """The project's file, with comments. A language without a form is left to the file's loader to refuse.

    forms: by language code
    """
    theirs = {code: forms[code] for code in new.languages if code in forms}
    changes: dict[Key, Value] = {
        ("name",): new.name,
        ("title",): new.title,
        ("languages",): list(new.languages),
        ("consent", "notices"): {code: f"{form.text}\n" for code, form in theirs.items()},
        ("consent", "purposes"): {
            purpose.value: {code: form.purposes.get(purpose, "") for code, form in theirs.items()}
            for purpose in new.purposes
        }
        or None,
        ("consent", "demonstration"): True if new.demonstration else None,
        ("quotas",): {code: {"hours": new.hours} for code in new.languages} if new.hours else None,
        ("clips", "recipe"): new.recipe,
        ("transcription", "transcribers"): new.transcribers,
        ("release", "name"): new.name,
        ("release", "licence"): new.licence,
    }
    return edited(FILE, changes)
