"""What would be published now: which clips, in which splits, out of which books."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from catalog.conditions import parse_all
from catalog.config.project import Project
from catalog.config.release_rules import ReleaseRules
from catalog.database import Catalog
from catalog.reconciliation.balance import Balance, balance_of
from catalog.scratch_database import ScratchSet
from catalog.store import ObjectStore
from catalog.tables import LanguageRow
from releases.about import About
from releases.choose import Chosen, Cost, TextFaults, choose, languages_with
from releases.figures import Figures, figures
from releases.frozen_splits import splits_of
from releases.leaks import LeakReport, VoicePairs, duplicate_groups, leak_report, no_voice_pairs
from releases.near_duplicates import near_duplicates
from releases.refusals import NothingToPublish, Refusal, Refused
from releases.row_spool import spooled, spooled_in_splits
from releases.rows import Row, Split, SplitOf
from releases.selection import HeldBack, Selection, candidates, consents_that_no_event_bears_out
from releases.sentences import in_other_splits
from releases.splits import Voice, parts_voices, voices_of
from releases.texts import Describe, nothing_known
from releases.voices import KnownVoices, clip_pairs, known_voices, together


@dataclass(frozen=True, slots=True)
class Plan:
    """languages: names in English by code, of the languages in it

    costs:  of each condition of the dataset
    faulty: clips that are held back for their text, with what is wrong
    leaks:  what of the test a model might hear in training
    """

    selection: Selection
    balance: Balance
    figures: Figures
    languages: Mapping[str, str]
    costs: tuple[Cost, ...]
    faulty: tuple[Refusal, ...]
    leaks: LeakReport


def plan_release(
    catalog: Catalog,
    store: ObjectStore,
    project: Project,
    rules: ReleaseRules,
    *,
    text_faults: TextFaults,
    freeze: bool = False,
    voice_pairs: VoicePairs = no_voice_pairs,
    describe: Describe = nothing_known,
) -> Plan:
    """Choose the clips, give every speaker a split, and check the books and the consents.

    rules:  of the dataset, one of the project's
    freeze: write down the splits of new speakers for good, as publishing does
    voice_pairs: what finds one voice under two pseudonyms, beside the embeddings that the catalogue keeps
    describe: what is known of a text
    Raises BooksDontBalance, Refused, NothingToPublish.
    """
    balance = balance_of(catalog, store, project.name).or_raise()
    found = _found(catalog, project, rules, text_faults)
    chosen, held_back = found.chosen, found.held_back
    enough = languages_with(chosen, rules.min_speakers)
    if not enough or found.as_of is None:
        held_back["too_few_speakers"] += len(chosen.rows)
        raise NothingToPublish(_nothing(project, rules, +held_back))
    if found.forged:
        raise Refused(
            rules.name,
            tuple(
                Refusal("consent", f"speaker {name}", "has no consent event that allows publication")
                for name in found.forged
            ),
        )
    # One choice of splits for all datasets of a project: the key and the rules are those of the main one.
    spoken = (row for row in chosen.rows if row.language in enough)
    voices = voices_of(spoken, project.release.stratify_by, together(found.heard.pairs))
    splits = splits_of(catalog, project.release, voices, freeze=freeze)
    whole = _whole(chosen, enough, voices, splits, held_back)
    selection, leaks = _parted(
        catalog, project, rules, whole, splits, held_back, found.as_of, found.heard, voice_pairs, describe
    )
    if not selection.rows:
        raise NothingToPublish(_nothing(project, rules, +held_back))
    counted = figures(selection, balance, project.quotas, leaks.said_in_train)
    names = {code: found.languages.get(code, code) for code in sorted(counted.by_fact["language"])}
    return Plan(selection, balance, counted, names, chosen.costs, chosen.faulty, leaks)


def about(project: Project, rules: ReleaseRules, plan: Plan, parent: str | None) -> About:
    """What the card says of a plan, but for the version's number."""
    return About(
        title=project.title,
        project=project.name,
        version="",
        parent=parent,
        licence=rules.licence,
        languages=plan.languages,
        consent_version=project.consent.version,
        consent_scopes=tuple(scope.value for scope in project.consent.scopes),
        remarks=rules.remarks,
        where=rules.where,
        purposes=tuple(purpose.value for purpose in project.purposes_of(rules)),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What the catalogue holds for a dataset.

    forged:    pseudonyms of voices whose consent no event bears out
    heard:     whose voice is whose, by embeddings
    languages: names in English, by code
    """

    chosen: Chosen
    held_back: Counter[HeldBack]
    as_of: datetime | None
    forged: tuple[str, ...]
    heard: KnownVoices
    languages: Mapping[str, str]


def _found(catalog: Catalog, project: Project, rules: ReleaseRules, text_faults: TextFaults) -> _Found:
    """Read the catalogue and choose; of the rows, those that were not chosen are given up on the way."""
    with catalog.reading() as session:
        if catalog.is_postgresql:  # texts and alignments as of one moment
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        found = candidates(
            session,
            project.name,
            licence=rules.licence,
            rendition=rules.rendition,
            purposes=project.purposes_of(rules),
            notice_version=project.consent.version,
            draft_texts=project.prefill.publish_pairs,
        )
        forged = consents_that_no_event_bears_out(session, found.voices)
        heard = known_voices(session, project.name)
        names = dict(session.execute(select(LanguageRow.code, LanguageRow.name)).tuples().all())
    chosen = choose(
        found.rows,
        parse_all(rules.where),
        low_score=rules.low_score == "publish",
        text_faults=text_faults,
    )
    held_back: Counter[HeldBack] = Counter(found.held_back)
    held_back.update(chosen.held_back)
    return _Found(chosen, held_back, found.as_of, tuple(forged.values()), heard, names)


def _whole(
    chosen: Chosen,
    enough: AbstractSet[str],
    voices: Sequence[Voice],
    splits: Mapping[str, Split],
    held_back: Counter[HeldBack],
) -> Sequence[Row]:
    """The rows of languages with enough voices whose own voices are all in one split; the others are counted."""
    if enough == chosen.by_language.keys() and not parts_voices(voices, splits):
        return chosen.rows

    def kept() -> Iterator[Row]:
        for row in chosen.rows:
            if row.language not in enough:
                held_back["too_few_speakers"] += 1
            elif len({splits[voice] for voice in row.voices}) > 1:
                held_back["voices_of_two_splits"] += 1
            else:
                yield row

    return spooled(kept())


def _parted(
    catalog: Catalog,
    project: Project,
    rules: ReleaseRules,
    rows: Sequence[Row],
    splits: Mapping[str, Split],
    held_back: Counter[HeldBack],
    as_of: datetime,
    heard: KnownVoices,
    voice_pairs: VoicePairs,
    describe: Describe,
) -> tuple[Selection, LeakReport]:
    """The rows that leak into no other split, and what was found; what is held back for it is counted."""

    def split_of(row: Row) -> Split:
        return splits[row.voices[0]]

    leaks = _leaks(catalog, project, rows, split_of, heard, voice_pairs)
    elsewhere = ScratchSet()
    if rules.splits.keep_sentences_apart:
        tight = (row for row in rows if row.id not in leaks.leaking)
        shares = project.release.splits
        elsewhere = ScratchSet(in_other_splits(tight, split_of, shares, key=project.release.name))
        leaks = leaks.kept_apart(elsewhere)
    held_back["heard_under_another_speaker"] += len(leaks.copies)
    held_back["voice_under_another_speaker"] += len(leaks.other_voice)
    held_back["said_in_another_split"] += len(elsewhere)
    groups = duplicate_groups(leaks)
    kept = (
        replace(row, **describe(row)._asdict(), duplicate_group=groups.get(row.id))
        for row in rows
        if row.id not in leaks.leaking and row.id not in elsewhere
    )
    selection = Selection(
        dataset=rules.name,
        licence=rules.licence,
        rendition=rules.rendition,
        rows=spooled_in_splits(kept, split_of),
        splits=splits,
        held_back=+held_back,
        as_of=as_of,
        purposes=project.purposes_of(rules),
    )
    return selection, leaks


def _nothing(project: Project, rules: ReleaseRules, held_back: Mapping[HeldBack, int]) -> str:
    held = ", ".join(f"{count} {reason}" for reason, count in sorted(held_back.items()))
    few = f" ({rules.min_speakers} are wanted)" if held_back.get("too_few_speakers") else ""
    return (
        f"project {project.name} has no clip to publish in {rules.name} yet"
        + (f"; accepted and held back: {held}{few}." if held else ".")
        + "\nA clip is published when it is accepted, aligned, and every voice in it consents to publication."
    )


def _leaks(
    catalog: Catalog,
    project: Project,
    rows: Sequence[Row],
    split_of: SplitOf,
    heard: KnownVoices,
    voice_pairs: VoicePairs,
) -> LeakReport:
    with catalog.reading() as session:
        sounds = near_duplicates(session, project.name, rows)
    sure, likely = clip_pairs(heard.pairs, rows)
    voices = (*sure, *voice_pairs(rows))
    report = leak_report(rows, split_of, sounds.pairs, compared=sounds.clips, voices=voices, similar=likely)
    return _with_voices(report, rows, heard)


def _with_voices(report: LeakReport, rows: Sequence[Row], heard: KnownVoices) -> LeakReport:
    """The report with what is known of each clip's voice."""
    compared, other = 0, []
    for row in rows if heard.compared else ():
        compared += row.recording in heard.compared
        if row.recording in heard.other:
            other.append(row.id)
    return replace(
        report,
        voices=heard.speakers,
        voice_compared=compared,
        not_their_voice=tuple(sorted(other)),
    )
