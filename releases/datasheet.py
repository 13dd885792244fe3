"""datasheet.md: the questions of Gebru et al., Datasheets for Datasets (CACM 64(12), 2021), answered from the figures.

What only people know (who pays for it, who reviewed the ethics) is the project's to say in `release.remarks`; the sheet
says so where it has no answer, instead of making one up.
"""

from collections.abc import Mapping, Sequence

from releases.about import About
from releases.amount_words import length, several
from releases.card import HELD_BACK
from releases.faults import MEANINGS, Code
from releases.figures import UNKNOWN, Fact, Figures
from releases.rows import SPLITS
from releases.selection import Selection

DATASHEET = "datasheet.md"


def datasheet(about: About, selection: Selection, figures: Figures, faults: Mapping[Code, int]) -> str:
    """Seven sections, each question with its answer."""
    sections = (
        ("Motivation", _motivation(about)),
        ("Composition", _composition(about, figures, faults)),
        ("Collection process", _collection(about, figures)),
        ("Preprocessing, cleaning and labelling", _labelling(figures)),
        ("Uses", _uses(about, figures)),
        ("Distribution", _distribution(about, selection, figures)),
        ("Maintenance", _maintenance(selection)),
    )
    lines = [
        f"# Datasheet: {about.title}",
        "",
        f"`{selection.dataset}` {about.version}, after Gebru et al., *Datasheets for Datasets*. Counted from what is "
        "in this version; README.md has the tables.",
    ]
    for title, answers in sections:
        lines += ["", f"## {title}"]
        for question, answer in answers:
            lines += ["", f"**{question}**", "", answer]
    return "\n".join(lines) + "\n"


Answers = Sequence[tuple[str, str]]


def _motivation(about: About) -> Answers:
    return (
        (
            "For what purpose was the dataset created?",
            f"For {' and '.join(about.consent_scopes)} of recorded speech in {_names(about)}, as its speakers were "
            "informed: training and testing speech recognition.",
        ),
        (
            "Who created it, on whose behalf, and who funded it?",
            f"Project `{about.project}` ({about.title}). "
            + (" ".join(about.remarks) or "The project has written nothing more about this."),
        ),
    )


def _composition(about: About, figures: Figures, faults: Mapping[Code, int]) -> Answers:
    total = figures.total
    by_split = ", ".join(
        f"{split} {several(figures.by_split[split].clips, 'clip')} ({length(figures.by_split[split].seconds)})"
        for split in SPLITS
    )
    groups = "; ".join(
        f"{fact.replace('_', ' ')}: {_groups(figures, fact)}"
        for fact in ("gender", "age_band", "district", "dialect")
        if set(figures.by_fact[fact]) != {UNKNOWN}
    )
    held_back = ", ".join(f"{count} because {HELD_BACK[why]}" for why, count in figures.held_back.items())
    wrong = ", ".join(f"{several(count, 'clip')}: {MEANINGS[code]}" for code, count in faults.items())
    return (
        (
            "What do the instances represent, and how many are there?",
            f"Utterances: {several(total.clips, 'clip')} of {several(total.speakers, 'speaker')}, "
            f"{length(total.seconds)}, in {_names(about)}. Each has its sound, a normalised and a verbatim text, "
            "and the time of every word.",
        ),
        (
            "Is it a sample of a larger set?",
            f"It is what was accepted by {figures.received.count} received files "
            f"({length(figures.received.seconds)})"
            + (f", under the conditions {'; '.join(about.where)}" if about.where else "")
            + ". Speakers were found by people on the spot; it is no random sample of a population.",
        ),
        ("Are there recommended splits?", f"By speaker, frozen over versions: {by_split}."),
        (
            "Is anything missing, and why?",
            f"Accepted and held back: {held_back or 'nothing'}. README.md counts what was rejected, by reason.",
        ),
        (
            "Are there errors, sources of noise, or redundancies?",
            f"Known of {sum(faults.values())} cases ({wrong}); known-faults.jsonl names the clips."
            if faults
            else "None that is known of.",
        ),
        (
            "Does it relate to people, and can they be identified?",
            "It holds people's voices, and what speakers said of themselves, under pseudonyms. A voice can be "
            "recognised by who knows it; languages of few speakers are left out. "
            + (f"Speech by group: {groups}." if groups else ""),
        ),
        (
            "Might it be offensive or hold confidential matter?",
            "Speakers said what they liked to the prompts; transcribers can report a clip, which is then held back.",
        ),
    )  # fmt: skip


def _collection(about: About, figures: Figures) -> Answers:
    return (
        (
            "How was the data acquired?",
            "Recorded by coordinators with each speaker, or taken from public corpora; kept as it came "
            f"(originals at {', '.join(map(str, figures.sample_rates))} Hz).",
        ),
        (
            "Who took part, and how were they paid?",
            f"{figures.total.speakers} speakers, and people who wrote down and reviewed. Rates are the project's and "
            "not part of the data.",
        ),
        (
            "Were the people informed and did they agree? Can they take it back?",
            f"{figures.speakers_asked} speakers heard the notice (version {about.consent_version}) and agreed to "
            f"{', '.join(about.consent_scopes)}; {figures.speakers_by_public_licence} had given their voices under a "
            "public licence before. Each can withdraw at any time: see Maintenance.",
        ),
        (
            "Was there an ethical review?",
            "Boli keeps no record of one: the project says so in its remarks where there was.",
        ),
    )


def _labelling(figures: Figures) -> Answers:
    agreement = figures.agreement
    apart = (
        f"; where two wrote unseen by each other ({agreement.written_twice} clips), their texts differ by "
        f"{agreement.mean_cer:.1%} of the characters"
        if agreement.mean_cer is not None
        else ""
    )
    origins = ", ".join(f"{count} by {origin}" for origin, count in agreement.by_origin.items())
    return (
        (
            "What was done to the raw data?",
            f"Cut at pauses (recipe {', '.join(figures.recipes)}), written down by people (guidelines "
            f"{', '.join(figures.guidelines)}), decided {origins}{apart}; words timed by "
            f"{', '.join(figures.aligners)}.",
        ),
        (
            "Is the raw data kept?",
            "The project keeps each original unchanged; `recording`, `start_sample` and `end_sample` say where a clip "
            "comes from.",
        ),
        ("Is the software available?", "Boli, Apache-2.0."),
    )


def _uses(about: About, figures: Figures) -> Answers:
    overlap = ", ".join(
        f"{several(count, 'clip')} of {split}" for split, count in figures.said_in_train.items()
    )
    return (
        ("What is it fit for?", "Training and testing of speech recognition and of word alignment."),
        (
            "What should a user know about its composition?",
            f"Sentences that also stand in train: {overlap}. Groups are not of equal size: see README.md.",
        ),
        (
            "What should it not be used for?",
            "Finding out who a speaker is; imitating a speaker's voice; anything beyond "
            f"{', '.join(about.consent_scopes)}.",
        ),
    )


def _distribution(about: About, selection: Selection, figures: Figures) -> Answers:
    licences = ", ".join(figures.licences or (about.licence,))
    return (
        ("Under which licence?", f"{licences} (SPDX); the texts are in `LICENSES/`. Each row names its own."),
        (
            "How is it distributed?",
            f"As Parquet with the sound inside, by `boli release pull {selection.dataset}` or straight from the store.",
        ),
    )


def _maintenance(selection: Selection) -> Answers:
    return (
        (
            "Will it be updated?",
            "By new versions with numbers of their own; a version never changes but for withdrawals. `CHANGES.md` says "
            "what differs, and a version that should not be used any more is marked.",
        ),
        (
            "What happens when a speaker withdraws?",
            "Their clips are taken out of every version, and `withdrawn.jsonl` names the rows to drop from copies. "
            "They withdraw with the code of their receipt on the project's portal, or through any coordinator.",
        ),
        (
            "How are errors reported?",
            f"`boli release report CLIP --why …` for a clip of `{selection.dataset}`, or its button on the portal: a "
            "reviewer looks, and the next version has the mend.",
        ),
    )


def _names(about: About) -> str:
    return ", ".join(f"{name} ({code})" for code, name in sorted(about.languages.items()))


def _groups(figures: Figures, fact: Fact) -> str:
    whole = figures.total.seconds or 1.0
    return ", ".join(
        f"{value} {amounts['all'].seconds / whole:.0%}" for value, amounts in figures.by_fact[fact].items()
    )
