"""What a change of settings does to what exists already: said before it is saved, with how much there is of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from catalog.config.changes import Change
from catalog.config.project import Project
from catalog.config.sentence import Sentence
from catalog.config.yaml_document import Broken
from catalog.states import RecordingState, ReleaseState, TaskState
from catalog.tables import ConsentEvent, Recording, Release, Speaker, Task
from portal.http.pages import _
from portal.projects.sentences import pattern_of

UNDECIDED = (TaskState.OPEN, TaskState.DISPUTED, TaskState.IN_REVIEW, TaskState.RETURNED)
WITHOUT_YES = _(
    "Voices may then be recorded or used without a signed notice or a yes of their own. Only where that is right."
)
PURPOSES = _(
    "Whoever said yes before agreed to what their notice named then: clips of voices that did not agree to a purpose "
    "are held back from the next version. Speakers asked so far: %(count)s."
)
NOTICE = _(
    "A changed notice is signed by a native speaker anew before anybody is asked by it. A yes of before stays what it "
    "was; give the notice a new version. Speakers asked so far: %(count)s."
)
SCOPES = _("Speakers are asked other questions from now on. Speakers asked so far: %(count)s.")
LICENCE = _(
    "Versions that are published keep their licence; the next one has the new one. Look whether the notice said so. "
    "Published versions: %(count)s."
)
WRITING = _(
    "Clips that are waiting keep the number of people that they began with; what is not decided yet is decided by the "
    "new rules. Undecided clips: %(count)s."
)
CUTTING = _(
    "Recordings that are cut already stay as they are; only those that come from now on go by the new rules. "
    "Recordings cut so far: %(count)s."
)
LANGUAGE_OUT = _(
    "A language that is taken out gets no recordings and no work any more; what there is of it stays."
)
ERASES = _("What is older is erased for good in the next night.")
_BY_PATTERN: Mapping[str, str] = {
    "consent.public_licence": WITHOUT_YES,
    "consent.demonstration": WITHOUT_YES,
    "consent.purposes": PURPOSES,
    "release.purposes": PURPOSES,
    "consent.notices": NOTICE,
    "consent.scopes": SCOPES,
    "release.licence": LICENCE,
    "transcription.transcribers": WRITING,
    "transcription.blind_second_share": WRITING,
    "agreement": WRITING,
    "review": WRITING,
    "clips": CUTTING,
    "consent.evidence_after_withdrawal": ERASES,
    "retention": ERASES,
}


@dataclass(frozen=True, slots=True)
class Danger:
    """sentence: English, translated where it is shown; count: what stands in it, None where nothing does"""

    sentence: str
    count: int | None


def dangers_of(session: Session, project: Project, changes: Sequence[Change]) -> list[Danger]:
    """Each once, in the order of the changes. project: as it was before them"""
    added = {code for each in changes if each.key == ("languages",) for code in _added(each)}
    weighed = [each for each in changes if not _is_begun(each, added)]
    sentences = dict.fromkeys(said for change in weighed for said in _sentences(change))
    return [Danger(each, _count(session, project.name, each)) for each in sentences]


def refused_name(session: Session, project: Project, changes: Iterable[Change]) -> tuple[Broken, ...]:
    """A dataset that has versions keeps its name: a withdrawal finds the versions of a voice by it."""
    renamed = any(change.key == ("release", "name") for change in changes)
    published = select(Release.id).where(
        Release.project_id == project.name, Release.name == project.release.name
    )
    if not renamed or session.scalar(published.limit(1)) is None:
        return ()
    rule = Sentence("stays what it is once versions are published")
    mend = Sentence("Choose a further dataset under Datasets, Choose.")
    return (Broken(("release", "name"), rule, mend),)


def _added(change: Change) -> set[str]:
    return set(change.after.split(", ")) - set(change.before.split(", "))


def _is_begun(change: Change, added: Collection[str]) -> bool:
    """Whether it is the notice of a language that comes in just now, which nobody was asked by."""
    return change.key[0] == "consent" and not change.before and change.key[-1] in added


def _sentences(change: Change) -> Iterable[str]:
    pattern = pattern_of(change.key)
    for begin, sentence in _BY_PATTERN.items():
        if pattern == begin or pattern.startswith(f"{begin}."):
            yield sentence
    if change.key == ("languages",) and set(change.before.split(", ")) - set(change.after.split(", ")):
        yield LANGUAGE_OUT


def _count(session: Session, project: str, sentence: str) -> int | None:
    """How many things a sentence is about."""
    match sentence:
        case _ if sentence in (PURPOSES, NOTICE, SCOPES):
            asked = func.count(ConsentEvent.speaker_id.distinct())
            query = select(asked).join(Speaker, Speaker.id == ConsentEvent.speaker_id)
            return session.scalar(query.where(Speaker.project_id == project)) or 0
        case _ if sentence == LICENCE:
            return _counted(session, Release.project_id == project, Release.state == ReleaseState.PUBLISHED)
        case _ if sentence == WRITING:
            return _counted(session, Task.project_id == project, Task.state.in_(UNDECIDED))
        case _ if sentence == CUTTING:
            return _counted(
                session, Recording.project_id == project, Recording.state == RecordingState.SEGMENTED
            )
    return None


def _counted(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0
