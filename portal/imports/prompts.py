"""Taking back prompts of a list: those that no recording answers and no hand has changed are taken out of the file."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from catalog.parts import in_parts
from catalog.tables import Upload
from portal.imports.fates import ImportContext, ItemFate, StayReason, Undoing
from portal.projects.own_prompts import read_own_sets, write_own_sets
from portal.projects.prompt_lines import PromptId, digest_name, without
from portal.record.prompts import PromptSet


def _fates(context: ImportContext) -> Sequence[ItemFate]:
    project = context.found.project_id
    texts: dict[str, Mapping[PromptId, str]] = {}
    for language in sorted({_split(each)[0] for each in context.found.items}):
        own, _ = read_own_sets(context.portal, project, language)
        texts[language] = _texts(own)
    answered = _answered(context)
    fates = []
    for item in context.found.items:
        language, prompt = _split(item)
        text = texts[language].get(prompt)
        if text is not None:
            fates.append(ItemFate(item, text, "/manage/prompts", _stays(prompt, text, answered)))
    return fates


def _stays(prompt: PromptId, text: str, answered: set[str]) -> StayReason | None:
    if "/".join(prompt) in answered:
        return StayReason.ANSWERED
    return None if prompt.name.startswith(digest_name(text)) else StayReason.CHANGED


def _answered(context: ImportContext) -> set[str]:
    """Those of the prompts that came with a recording since, as set/name."""
    found = context.found
    names = ["/".join(_split(each)[1]) for each in found.items]
    query = select(Upload.prompt).where(Upload.project_id == found.project_id, Upload.received_at >= found.at)
    return {
        each
        for part in in_parts(names)
        for each in context.session.scalars(query.where(Upload.prompt.in_(part)).distinct())
        if each is not None
    }


def _take_back(context: ImportContext, going: Sequence[ItemFate]) -> None:
    """Raises ChangedMeanwhile, ConfigurationError."""
    project = context.found.project_id
    out: dict[str, set[PromptId]] = {}
    for each in going:
        language, prompt = _split(each.id)
        out.setdefault(language, set()).add(prompt)
    for language, prompts in sorted(out.items()):
        own, file = read_own_sets(context.portal, project, language)
        if file is not None:
            sets = without(own, prompts)
            write_own_sets(context.portal, project, language, sets, file, before=file.sha256)


def _split(item: str) -> tuple[str, PromptId]:
    """
    >>> _split("te/own-1/7")
    ('te', PromptId(set_name='own-1', name='7'))
    """
    language, set_name, name = item.split("/")
    return language, PromptId(set_name, name)


def _texts(own: Iterable[PromptSet]) -> Mapping[PromptId, str]:
    return {PromptId(each.name, prompt.name): prompt.text for each in own for prompt in each.prompts}


PROMPTS = Undoing(_fates, _take_back)
