"""What a project's file and its languages' guidelines say together: the rules that pages work by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.config.project import Project, load_project
from transcription.rules.guideline import Guideline, load_guidelines
from transcription.rules.language import Language


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """guidelines: of every language of the project"""

    project: Project
    guidelines: Mapping[str, Guideline]


def read_rules(
    path: Path, *, configs: Path, languages: Mapping[str, Language], recipes: Collection[str]
) -> ProjectRules:
    """A project's file with the guidelines that it asks for. raises: ConfigurationError

    languages: those of `configs`, by code; recipes: their names
    """
    project = load_project(path, languages=languages, recipes=recipes)
    theirs = {code: languages[code] for code in project.languages}
    return ProjectRules(project, load_guidelines(configs, theirs, project.transcription.guideline))
