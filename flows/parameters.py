"""Parameters of the flows as Prefect's pages show them: each with what it means, the project as a choice."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from catalog.config.settings import SettingsError, load_settings
from catalog.states import ChosenBy


@dataclass(frozen=True, slots=True)
class Described:
    """Words beside a parameter's field. Prefect drops those of pydantic's own `Field`."""

    words: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "description": self.words}


@dataclass(frozen=True, slots=True)
class CorrectionWish:
    """How many clips of a language are to be chosen, in all, for people to correct its recogniser by; and how."""

    language: str
    count: int
    chosen_by: ChosenBy


@dataclass(frozen=True, slots=True)
class OneOfTheProjects:
    """The projects that are configured when the flow is deployed, to choose from."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        names = _project_names()
        return {**handler(core), "enum": names} if names else {**handler(core)}


def _project_names() -> list[str]:
    try:
        folder = load_settings().configs / "projects"
    except SettingsError:  # a flow is imported: whoever runs it hears of the setting then
        return []
    return sorted(file.stem for file in folder.glob("*.yaml"))


ProjectName = Annotated[str, OneOfTheProjects(), Described("Project to work for.")]
Source = Annotated[
    str | None,
    Described(
        "Folder or s3://bucket/prefix to take in. What it held before costs only a look. "
        "Empty: what was received before."
    ),
]
Releases = Annotated[bool, Described("Publish what is accepted as the dataset's next version at the end.")]
Drafts = Annotated[
    bool,
    Described("Have recognisers hear the clips that wait for people, where the project asks for drafts."),
]
Corrects = Annotated[
    CorrectionWish | None,
    Described(
        "Clips by which people are to correct a language's recogniser, chosen and heard now. Empty: none."
    ),
]
CorrectsPublished = Annotated[
    bool, Described("Let a mended list correct what published versions hold already, for the next one.")
]
