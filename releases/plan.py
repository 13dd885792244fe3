"""What would be published now: which clips, in which splits, out of which books."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from catalog.conditions import parse_all
from catalog.config.project import Project
from catalog.config.release_rules import ReleaseRules
from catalog.consent import Purpose
from catalog.database import Catalog
from catalog.reconciliation.balance import Balance, balance_of
from catalog.store import ObjectStore
from catalog.tables import LanguageRow, RecordingFingerprint
from releases.about import About
from releases.choose import Chosen, Cost, TextFaults, choose
from releases.figures import Figures, figures
from releases.frozen_splits import splits_of
from releases.leaks import LeakReport, VoicePairs, duplicate_groups, leak_report, no_voice_pairs
from releases.near_duplicates import near_duplicates
from releases.refusals import NothingToPublish, Refusal, Refused
from releases.rows import Row, Split
from releases.selection import (
    Candidates,
    HeldBack,
    Selection,
    candidates,
    consents_that_no_event_bears_out,
    languages_with,
)
from releases.sentences import in_other_splits, said_in_train
from releases.texts import Describe, nothing_known


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
    voice_pairs: what finds one voice under two pseudonyms, where something does
    describe: what is known of a text
    Raises BooksDontBalance, Refused, NothingToPublish.
    """
    balance = balance_of(catalog, store, project.name).or_raise()
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
        )
        forged = consents_that_no_event_bears_out(session, found.rows)
        names = dict(session.execute(select(LanguageRow.code, LanguageRow.name)).tuples().all())
    chosen = choose(
        found.rows,
        parse_all(rules.where),
        low_score=rules.low_score == "publish",
        text_faults=text_faults,
    )
    enough = languages_with(chosen.rows, rules.min_speakers)
    rows = tuple(
        replace(row, **describe(row.language, row.text)._asdict())
        for row in chosen.rows
        if row.language in enough
    )
    held_back: Counter[HeldBack] = Counter(found.held_back)
    held_back.update(chosen.held_back)
    held_back["too_few_speakers"] += len(chosen.rows) - len(rows)
    if not rows or found.as_of is None:
        raise NothingToPublish(_nothing(project, rules, +held_back))
    if forged:
        raise Refused(
            rules.name,
            tuple(
                Refusal("consent", f"speaker {name}", "has no consent event that allows publication")
                for name in forged.values()
            ),
        )
    # One choice of splits for all datasets of a project: the key and the rules are those of the main one.
    splits = splits_of(catalog, project.release, rows, freeze=freeze)
    kept, leaks = _parted(catalog, project, rules, rows, splits, held_back, voice_pairs)
    if not kept:
        raise NothingToPublish(_nothing(project, rules, +held_back))
    purposes = project.purposes_of(rules)
    return _plan(project, rules, purposes, found, chosen, kept, splits, +held_back, balance, names, leaks)


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


def _parted(
    catalog: Catalog,
    project: Project,
    rules: ReleaseRules,
    rows: tuple[Row, ...],
    splits: Mapping[str, Split],
    held_back: Counter[HeldBack],
    voice_pairs: VoicePairs,
) -> tuple[tuple[Row, ...], LeakReport]:
    """The rows that leak into no other split, and what was found; what is held back for it is counted."""
    whole = tuple(row for row in rows if len({splits[voice] for voice in row.voices}) == 1)
    held_back["voices_of_two_splits"] += len(rows) - len(whole)
    by_clip = {row.id: splits[row.voices[0]] for row in whole}
    leaks = _leaks(catalog, project, whole, by_clip, voice_pairs)
    kept = tuple(row for row in whole if row.id not in leaks.held_back)
    if rules.splits.keep_sentences_apart:
        elsewhere = in_other_splits(kept, by_clip, project.release.splits, key=project.release.name)
        kept = tuple(row for row in kept if row.id not in elsewhere)
        said = said_in_train(kept, by_clip)
        leaks = replace(leaks, clips=len(kept), said_in_train=said, said_elsewhere=elsewhere)
    held_back["heard_under_another_speaker"] += len(leaks.copies)
    held_back["voice_under_another_speaker"] += len(leaks.other_voice)
    held_back["said_in_another_split"] += len(leaks.said_elsewhere)
    groups = duplicate_groups(leaks)
    return tuple(
        replace(row, duplicate_group=groups[row.id]) if row.id in groups else row for row in kept
    ), leaks


def _plan(
    project: Project,
    rules: ReleaseRules,
    purposes: tuple[Purpose, ...],
    found: Candidates,
    chosen: Chosen,
    kept: tuple[Row, ...],
    splits: Mapping[str, Split],
    held_back: Mapping[HeldBack, int],
    balance: Balance,
    names: Mapping[str, str],
    leaks: LeakReport,
) -> Plan:
    assert found.as_of is not None  # there are rows
    selection = Selection(
        dataset=rules.name,
        licence=rules.licence,
        rendition=rules.rendition,
        rows=kept,
        splits={row.id: splits[row.voices[0]] for row in kept},
        held_back=held_back,
        as_of=found.as_of,
        purposes=purposes,
    )
    spoken = sorted({row.language for row in kept})
    return Plan(
        selection,
        balance,
        figures(selection, balance, project.quotas),
        {code: names.get(code, code) for code in spoken},
        chosen.costs,
        chosen.faulty,
        leaks,
    )


def _nothing(project: Project, rules: ReleaseRules, held_back: Mapping[HeldBack, int]) -> str:
    held = ", ".join(f"{count} {reason}" for reason, count in sorted(held_back.items()))
    return (
        f"project {project.name} has no clip to publish in {rules.name} yet"
        + (f"; accepted and held back: {held}." if held else ".")
        + "\nA clip is published when it is accepted, aligned, and every voice in it consents to publication."
    )


def _leaks(
    catalog: Catalog,
    project: Project,
    rows: tuple[Row, ...],
    splits: Mapping[str, Split],
    voice_pairs: VoicePairs,
) -> LeakReport:
    with catalog.reading() as session:
        pairs = near_duplicates(session, project.name, rows)
        recordings = {row.recording for row in rows}
        printed = set(session.scalars(select(RecordingFingerprint.recording_id))) & recordings
    compared = sum(row.recording in printed for row in rows)
    return leak_report(rows, splits, pairs, compared=compared, voices=voice_pairs(rows))
