"""The split of each speaker in a dataset: given once, and written down for good."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalog.config.release_rules import ReleaseRules
from catalog.database import Catalog
from catalog.tables import SpeakerSplit
from releases.rows import SPLITS, Row, Split
from releases.splits import assign, voices_of


def splits_of(
    catalog: Catalog,
    rules: ReleaseRules,
    rows: tuple[Row, ...],
    alike: Mapping[str, frozenset[str]],
    *,
    freeze: bool,
) -> Mapping[str, Split]:
    """The split of every speaker in the rows.

    alike:  by speaker, others who may be the same person: new ones go into one split
    freeze: write those of new speakers down for good
    """
    dataset = rules.name
    voices = voices_of(rows, rules.stratify_by, alike)
    while True:
        with catalog.reading() as session:
            frozen = _frozen(session, dataset)
        splits = assign(voices, frozen, rules.splits, key=dataset)
        if not freeze or _freeze(catalog, dataset, frozen, splits):
            return splits


def _freeze(catalog: Catalog, dataset: str, frozen: Mapping[str, Split], splits: Mapping[str, Split]) -> bool:
    """Write new speakers' splits down for good; False where somebody else has written some in the meantime."""
    fresh = sorted(splits.keys() - frozen.keys())
    if not fresh:
        return True
    try:
        with catalog.writing() as session:
            if _frozen(session, dataset) != frozen:
                return False
            session.add_all(
                SpeakerSplit(dataset=dataset, speaker_id=each, split=splits[each]) for each in fresh
            )
    except IntegrityError:
        return False
    return True


def _frozen(session: Session, dataset: str) -> dict[str, Split]:
    stored = session.execute(
        select(SpeakerSplit.speaker_id, SpeakerSplit.split).where(SpeakerSplit.dataset == dataset)
    )
    return {speaker: next(known for known in SPLITS if known == split) for speaker, split in stored}
