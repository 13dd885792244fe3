"""What would be published now: which clips, in which splits, out of which books."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.books import Books, balance
from catalog.database import Catalog
from catalog.project import Project
from catalog.store import ObjectStore
from catalog.tables import Language, SpeakerSplit
from releases.figures import Figures, figures
from releases.refusals import NothingToPublish, Refusal, Refused
from releases.rows import SPLITS, Row, Split
from releases.selection import Rendition, Selection, candidates, consents_that_no_event_bears_out
from releases.splits import assign, voices_of


@dataclass(frozen=True, slots=True)
class Plan:
    """languages: names in English by code, of the languages in it"""

    selection: Selection
    books: Books
    figures: Figures
    languages: Mapping[str, str]


def plan_release(
    catalog: Catalog,
    store: ObjectStore,
    project: Project,
    *,
    rendition: Rendition = "cut",
    freeze: bool = False,
) -> Plan:
    """Choose the clips, give every speaker a split, and check the books and the consents.

    freeze: write down the splits of new speakers for good, as publishing does
    Raises BooksDontBalance, Refused, NothingToPublish.
    """
    rules = project.release
    with catalog.writing() if freeze else catalog.reading() as session:
        books = balance(session, store, project.name).or_raise()
        found = candidates(
            session,
            project.name,
            licence=rules.licence,
            min_speakers=rules.min_speakers,
            rendition=rendition,
        )
        if not found.rows or found.as_of is None:
            held = ", ".join(f"{count} {reason}" for reason, count in sorted(found.held_back.items()))
            raise NothingToPublish(
                f"project {project.name} has no clip to publish in {rules.name} yet"
                + (f"; accepted and held back: {held}." if held else ".")
                + "\nA clip is published when it is accepted, aligned, and every voice in it consents to publication."
            )
        forged = consents_that_no_event_bears_out(session, found.rows)
        if forged:
            raise Refused(
                rules.name,
                tuple(
                    Refusal("consent", f"speaker {name}", "has no consent event that allows publication")
                    for name in forged.values()
                ),
            )
        names = dict(session.execute(select(Language.code, Language.name)).tuples().all())
        splits, kept = _split(session, project, found.rows, freeze=freeze)
    selection = Selection(
        dataset=rules.name,
        licence=rules.licence,
        rendition=rendition,
        rows=kept,
        splits={row.id: splits[row.voices[0]] for row in kept},
        held_back={
            **found.held_back,
            **({"voices_of_two_splits": len(found.rows) - len(kept)} if len(kept) < len(found.rows) else {}),
        },
        as_of=found.as_of,
    )
    spoken = {row.language for row in kept}
    return Plan(
        selection, books, figures(selection, books), {code: names.get(code, code) for code in sorted(spoken)}
    )


def _split(
    session: Session, project: Project, rows: tuple[Row, ...], *, freeze: bool
) -> tuple[Mapping[str, Split], tuple[Row, ...]]:
    """The split of every speaker, and the rows whose voices are all in one."""
    dataset = project.release.name
    stored = session.execute(
        select(SpeakerSplit.speaker_id, SpeakerSplit.split).where(SpeakerSplit.dataset == dataset)
    )
    frozen: dict[str, Split] = {
        speaker: next(known for known in SPLITS if known == split) for speaker, split in stored
    }
    voices = voices_of(rows, project.release.stratify_by)
    splits = assign(voices, frozen, project.release.splits, key=dataset)
    if freeze:
        fresh = sorted(splits.keys() - frozen.keys())
        session.add_all(SpeakerSplit(dataset=dataset, speaker_id=each, split=splits[each]) for each in fresh)
    return splits, tuple(row for row in rows if len({splits[voice] for voice in row.voices}) == 1)
