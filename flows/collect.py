"""What people said since: consents taken back are obeyed, texts decided by agreement, a third opinion or a reviewer."""

from dataclasses import asdict

from prefect import flow

from catalog.age import ask_again_at_18
from catalog.audit_archive.archiving import ArchivedMonths, archive_audit_log
from catalog.audit_heads import keep_head
from catalog.retention import RetentionReport
from flows.parameters import ProjectName
from flows.running import publish_table, retried, say
from flows.steps.erase import ACTOR, ErasedReport, erase_withdrawn
from flows.steps.mend import MendReport, mend_reported
from flows.steps.project_context import open_project_context
from flows.steps.retention import forget_list_changes, sweep_once_a_day
from flows.steps.tell_downloaders import MessagesReport, tell_downloaders
from flows.steps.tell_people import NoticesReport, tell_people
from flows.traced import traced_flow
from flows.workspace import open_workspace
from transcription.collect import CollectReport
from transcription.collect import collect as collect_texts


@retried("collect {project}")
def judge_texts(project: str) -> CollectReport:
    """Judge every task that has all its texts, and settle what waits for nobody."""
    with open_workspace(project) as workspace:
        return collect_texts(open_project_context(workspace), now=workspace.now())


@retried("erase {project}")
def erase_voices(project: str) -> ErasedReport:
    """Destroy what is left of voices whose consent was taken back."""
    with open_workspace(project) as workspace:
        return erase_withdrawn(workspace)


@retried("mend {project}")
def mend_clips(project: str) -> MendReport:
    """Make what reviewers marked in reported clips unhearable."""
    with open_workspace(project) as workspace:
        return mend_reported(workspace)


@retried("of age {project}")
def mark_who_came_of_age(project: str) -> int:
    """Whoever is 18 by now is listed to be asked themselves."""
    with open_workspace(project) as workspace, workspace.catalog.writing() as session:
        now = workspace.now()
        return ask_again_at_18(session, project, today=now.date(), by=ACTOR, at=now)


@retried("retention {project}")
def sweep_retention(project: str) -> RetentionReport | None:
    """Let go what the project's rules keep for a while only, once a day, and what lists changed some time ago."""
    with open_workspace(project) as workspace:
        forget_list_changes(workspace)
        return sweep_once_a_day(workspace)


@retried("audit log {project}")
def keep_audit_log(project: str) -> ArchivedMonths:
    """Keep the end of the audit log in the store, once a day; move a month there that is old enough."""
    with open_workspace(project) as workspace:
        now = workspace.now()
        keep_head(workspace.catalog, workspace.store, now)
        return archive_audit_log(
            workspace.catalog,
            workspace.store,
            keep_months=workspace.audit_months,
            actor=ACTOR,
            now=now,
            scratch=workspace.scratch,
            most=1,  # what has gathered over years goes hour by hour
        )


@retried("tell downloaders of {project}")
def tell_holders(project: str) -> MessagesReport:
    """Have a message for everybody who holds rows that were withdrawn, and send it where there is a mail server."""
    with open_workspace(project) as workspace:
        return tell_downloaders(workspace)


@retried("tell people of {project}")
def tell_news(project: str) -> NoticesReport:
    """Tell people of their news who chose to hear of them in their browser, by mail or on their phone."""
    with open_workspace(project) as workspace:
        return tell_people(workspace, now=workspace.now())


def _say_erased(erased: ErasedReport) -> None:
    if erased.is_empty:
        return
    taken_out = ", ".join(
        f"{each.dataset} {version}: {count} clips" for each in erased.versions for version, count in each.rows
    )
    say(f"taken back: {erased.sound.objects} objects of sound destroyed; {taken_out or 'in no version'}")


@traced_flow
@flow(name="collect", flow_run_name="collect {project}")
def collect(project: ProjectName) -> CollectReport:
    """Obey withdrawals and decisions on reports, then decide what can be decided. Again does nothing twice."""
    _say_erased(erase_voices(project))  # first: nothing that fails below keeps a voice that was taken back
    mend = mend_clips(project)
    if mend.mended or mend.failed:
        failed = (
            f"; not yet, because their sound can't be read: {', '.join(mend.failed)}" if mend.failed else ""
        )
        say(f"{len(mend.mended)} reported clips mended: what was marked is heard nowhere any more{failed}")
    if mend.mended:
        _say_erased(erase_voices(project))  # versions lose what was mended
    messages = tell_holders(project)
    if messages.made or messages.sent or messages.failed:
        say(
            f"downloaders of withdrawn rows: {messages.made} messages made, {messages.sent} sent, "
            f"{messages.failed} failed"
        )
    report = judge_texts(project)
    rows = [{"state": state.value, "tasks": count} for state, count in report.tasks.items()]
    publish_table(f"collected-{project}", f"Where the tasks of {project} stand", rows)
    say(f"{report.judged} tasks decided, {report.escalated} sent to a reviewer")
    if came_of_age := mark_who_came_of_age(project):
        say(f"{came_of_age} speakers are 18 now: ask them themselves")
    swept = sweep_retention(project)
    if swept is not None:
        gone = [{"kept long enough": name, "gone": count} for name, count in asdict(swept).items()]
        publish_table(f"retention-{project}", f"What {project} kept for a while only, and let go today", gone)
        say(f"kept long enough: {sum(asdict(swept).values())} rows and files are gone; the table says what")
    notices = tell_news(project)
    if notices.made or notices.sent or notices.failed:
        say(f"news: {notices.made} notices made, {notices.sent} sent, {notices.failed} failed")
    archived = keep_audit_log(project)
    if archived.months:
        say(f"audit log: {archived.acts} acts of {', '.join(archived.months)} lie in the store from now on")
    return report
