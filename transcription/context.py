"""The project context, which every service works with: catalogue, rules, guidelines and language models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.config.project import Project
from catalog.config.sentence import Sentence
from catalog.database import Catalog
from catalog.errors import UserError
from transcription.decisions.language_fit import LanguageFit
from transcription.rules.guideline import Guideline


class NotAllowed(UserError):
    """Somebody asked for what their role, their standing or the state of the work doesn't give them."""


class NotOfProject(NotAllowed):
    """A clip, a task or a slot of one project was named in another."""


@dataclass(frozen=True, slots=True)
class ProjectContext:
    """The context of a project: what each service works with, handed down as one argument."""

    catalog: Catalog
    project: Project
    guidelines: Mapping[str, Guideline]
    """By language code, in the version that the project works by."""
    language_models: Mapping[str, LanguageFit] = field(default_factory=dict)
    """By language code: what its accepted texts look like; nothing where there are too few of them yet."""

    def check_own(self, project_id: str) -> None:
        """Refuse what belongs to another project. raises: NotOfProject"""
        if project_id != self.project.name:
            raise NotOfProject(
                Sentence(
                    "%(project)s has no such clip. Choose its own project first.", project=self.project.name
                )
            )

    def guideline_of(self, language: str) -> Guideline:
        """raises: NotAllowed for a language that the project has no guideline for"""
        if language not in self.guidelines:
            raise NotAllowed(
                Sentence(
                    "%(project)s has no guideline for '%(language)s'. "
                    "Add the language to the project, or its file to configs/languages.",
                    project=self.project.name,
                    language=language,
                )
            )
        return self.guidelines[language]
