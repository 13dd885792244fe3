"""The form in which a manager chooses what a dataset takes: read from what a browser sends, given back as rules."""

from dataclasses import dataclass, replace

from starlette.datastructures import ImmutableMultiDict

from catalog.conditions import InvalidCondition, parse
from catalog.config.project import Project
from catalog.config.release_rules import DATA_LICENCES, ReleaseRules
from catalog.config.yaml_document import Broken
from catalog.keys import NAME

COMPARISONS = ("=", "!=", ">=", "<=")
MOST_CONDITIONS = 20
LONGEST = 400
"""Letters of the values of one condition."""
LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One line of the form. fault: why it can't be read, a Sentence of the rules; None where it can"""

    column: str = ""
    comparison: str = "="
    values: str = ""
    fault: str | None = None

    @property
    def text(self) -> str:
        return f"{self.column} {self.comparison} {self.values}"


@dataclass(frozen=True, slots=True)
class ChoiceForm:
    """dataset: the name of one that there is, or of a new one; name_fault: that can be no dataset's name"""

    dataset: str
    new: bool
    licence: str
    lines: tuple[ConditionLine, ...]
    low_score: bool
    keep_sentences_apart: bool
    name_fault: bool = False

    @property
    def is_sound(self) -> bool:
        return not self.name_fault and not any(line.fault for line in self.lines)

    def rules(self, project: Project) -> ReleaseRules:
        """The rules that the form says, over those of the dataset; over the main one's, for a new dataset.

        A line that can't be read is left out.
        """
        known = {rules.name: rules for rules in project.releases}
        base = known.get(self.dataset, replace(project.release, remarks=()))
        return replace(
            base,
            name=base.name if self.name_fault else self.dataset,
            licence=self.licence,
            where=tuple(line.text for line in self.lines if not line.fault),
            low_score="publish" if self.low_score else "hold_back",
            splits=replace(base.splits, keep_sentences_apart=self.keep_sentences_apart),
        )


def form_of(rules: ReleaseRules) -> ChoiceForm:
    """A form as the rules in force fill it."""
    found = (parse(text) for text in rules.where)
    return ChoiceForm(
        dataset=rules.name,
        new=False,
        licence=rules.licence,
        lines=tuple(
            ConditionLine(each.column, each.comparison, each.text.split(each.comparison, 1)[1].strip())
            for each in found
        ),
        low_score=rules.low_score == "publish",
        keep_sentences_apart=rules.splits.keep_sentences_apart,
    )


def read_form(given: "ImmutableMultiDict[str, object]", project: Project) -> ChoiceForm:
    """What a browser sends. A line without a column is none; no `dataset` means a new one, called `name`."""
    name = str(given.get("dataset") or "")
    new = name not in {rules.name for rules in project.releases}
    if new:
        name = str(given.get("name") or "").strip()[:LONGEST_NAME]
    licence = str(given.get("licence") or "")
    columns, comparisons, values = (
        [str(each) for each in given.getlist(field)][:MOST_CONDITIONS]
        for field in ("column", "comparison", "values")
    )
    lines = zip(columns, comparisons, values, strict=False)
    return ChoiceForm(
        dataset=name,
        new=new,
        licence=licence if licence in DATA_LICENCES else project.release.licence,
        lines=tuple(_line(*line) for line in lines if line[0]),
        low_score=bool(given.get("low_score")),
        keep_sentences_apart=bool(given.get("apart")),
        name_fault=new and not _is_name(name),
    )


def _is_name(name: str) -> bool:
    """As a project's file may call a dataset: lower case, digits and hyphens."""
    return bool(NAME.fullmatch(name)) and name == name.lower() and not {"_", "."} & set(name)


def _line(column: str, comparison: str, values: str) -> ConditionLine:
    comparison = comparison if comparison in COMPARISONS else "="
    line = ConditionLine(column[:LONGEST_NAME], comparison, values.strip()[:LONGEST])
    try:
        parse(line.text)
    except InvalidCondition as error:
        return replace(line, fault=Broken((), error.rule, error.mend, given=error.given).sentence)
    return line
