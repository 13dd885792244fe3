"""What models heard in clips that are about to be published, as the catalogue keeps it."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.states import ChosenBy
from catalog.tables import Correction, DraftShown, MachineDraft
from releases.pairs import Hypothesis
from releases.rows import ChosenFor


def heard_in(session: Session, clip_ids: Collection[str]) -> Mapping[str, tuple[Hypothesis, ...]]:
    """By clip: of each model that has heard it what it heard. clip_ids: as many as one question takes"""
    ids = sorted(clip_ids)
    chosen: dict[tuple[str, str], ChosenFor] = {}
    asked = select(Correction.clip_id, Correction.model, Correction.chosen_by).where(
        Correction.clip_id.in_(ids)
    )
    for clip_id, model, chosen_by in session.execute(asked):
        by_chance = chosen_by is ChosenBy.CHANCE or chosen.get((clip_id, model)) == "chance"
        chosen[clip_id, model] = "chance" if by_chance else "least_sure"
    drafts = (
        select(
            MachineDraft.clip_id,
            MachineDraft.model,
            MachineDraft.text,
            DraftShown.draft_id.is_not(None),
        )
        .outerjoin(DraftShown, DraftShown.draft_id == MachineDraft.id)
        .where(MachineDraft.clip_id.in_(ids), MachineDraft.fault.is_(None))
    )
    found: dict[str, list[Hypothesis]] = defaultdict(list)
    for clip_id, model, text, began in session.execute(drafts):
        found[clip_id].append(Hypothesis(model, text, bool(began), chosen.get((clip_id, model))))
    return {clip_id: tuple(sorted(each, key=lambda one: one.model)) for clip_id, each in found.items()}
