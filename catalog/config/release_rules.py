"""What a project's dataset is called, who may use it how, how it is divided, and which clips it takes."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from catalog.conditions import InvalidCondition, parse_all
from catalog.config.configuration import Broken, Share, Unfit, nearest
from catalog.config.sentence import Sentence
from catalog.config.types import EXACT, Name, Text
from catalog.consent import Purpose

DATA_LICENCES = (
    frozenset(  # SPDX identifiers of the licences that speech is given out under; spdx.org/licenses
        {
            "Apache-2.0",
            "CC-BY-3.0",
            "CC-BY-4.0",
            "CC-BY-NC-4.0",
            "CC-BY-NC-SA-4.0",
            "CC-BY-SA-3.0",
            "CC-BY-SA-4.0",
            "CC0-1.0",
            "CDLA-Permissive-1.0",
            "CDLA-Permissive-2.0",
            "CDLA-Sharing-1.0",
            "MIT",
            "ODC-By-1.0",
            "ODbL-1.0",
            "PDDL-1.0",
        }
    )
)


@dataclass(frozen=True, slots=True, config=EXACT)
class Splits:
    """Shares of the time, by speaker."""

    train: Share = 0.8
    validation: Share = 0.1
    test: Share = 0.1
    keep_sentences_apart: bool = False
    """Whether a sentence that is said in several splits stays in one of them; the others are held back."""

    def __post_init__(self) -> None:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            mend = Sentence("Change one of train, validation, test.")
            raise Unfit(Broken((), Sentence("adds up to 1"), mend, given=f"{total:g}"))


FormName = Literal[
    "files",
    "nemo",
    "lhotse",
    "shar",
    "kaldi",
    "webdataset",
    "commonvoice",
    "ulca",
    "textgrid",
    "ctm",
    "eaf",
    "pairs",
]


@dataclass(frozen=True, slots=True, config=EXACT)
class ReleaseRules:
    """What the dataset is called, who may use it how, and how it is divided."""

    name: Name
    licence: str
    splits: Splits = Splits()
    rendition: Literal["cut", "clean"] = "cut"
    """Which sound is published: as it was recorded, or cleaned."""
    remarks: tuple[Text, ...] = ()
    """What a user of the data must know beside the figures; a paragraph each on the dataset's card."""
    where: tuple[Text, ...] = ()
    """Conditions that a clip meets to be taken, such as `snr_db >= 15` (catalog.conditions); none takes all."""
    low_score: Literal["hold_back", "publish"] = "hold_back"
    """What becomes of clips whose words fit their sound badly."""
    min_speakers: Annotated[int, Field(ge=1)] = 5
    purposes: tuple[Purpose, ...] | None = None
    """What the dataset is given out for; every voice in it agreed to each. None: all that the project asks for, but
    for voice cloning."""
    stratify_by: tuple[Literal["language", "gender", "age_band", "district", "dialect"], ...] = (
        "language",
        "gender",
    )
    forms: tuple[FormName, ...] = ()
    """Forms that are kept in the store too, ready to be pulled (releases.forms)."""

    def __post_init__(self) -> None:
        if self.licence not in DATA_LICENCES:
            rule, mend = (
                Sentence("is an SPDX identifier of a licence for data"),
                nearest(self.licence, DATA_LICENCES),
            )
            raise Unfit(Broken(("licence",), rule, mend, given=f"'{self.licence}'"))
        for index, condition in enumerate(self.where):
            try:
                parse_all([condition])
            except InvalidCondition as error:
                raise Unfit(Broken(("where", index), error.rule, error.mend, given=error.given)) from error
