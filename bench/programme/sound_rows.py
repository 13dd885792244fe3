"""Rows of who and what came in: people, voices and their consent, uploads, recordings, clips."""

from collections.abc import Iterator
from typing import Any

from bench.programme.shape import CLIPS_A_RECORDING, DISTRICTS, MadeTable, Programme, digest, text_of
from catalog.search_words import search_words
from catalog.states import (
    ClipState,
    ConsentKind,
    RecordingState,
    Role,
    SearchKind,
    TransferPurpose,
    TransferState,
    UploadState,
)
from catalog.tables import (
    Clip,
    ConsentEvent,
    Erasure,
    Person,
    PersonRole,
    Recording,
    RecordingSpeaker,
    SearchWord,
    Speaker,
    Transfer,
    Upload,
    Verdict,
)

Rows = Iterator[tuple[Any, ...]]
SIZE = 40_000
SCOPES = " transcription publication "
REFUSED = ("low_snr", "no_speech", "too_short")


def people(of: Programme) -> Rows:
    """Staff of all languages."""
    for number in range(of.people):
        language = of.languages[number % len(of.languages)]
        yield (
            of.person_of(number),
            f"p{number}",
            f'["{language}"]',
            f"d{number % DISTRICTS}",
            True,
            False,
            (of.moment(0)),
        )


def roles(of: Programme) -> Rows:
    """One role each."""
    for number in range(of.people):
        yield of.person_of(number), of.project, of.role_of(number).value


def speakers(of: Programme) -> Rows:
    """Voices, one in twenty of whom took the consent back."""
    for number in range(of.speakers):
        gone = of.withdrew(number)
        yield (
            f"speaker-{number}",
            of.project,
            f"DIS-{number}",
            of.language_of(number),
            ("female", "male")[number // 2 % 2],
            ("18-30", "31-45", "46-60")[number // 4 % 3],
            f"d{number % DISTRICTS}",
            "[]",
            "" if gone else SCOPES,
            int(gone),
            of.somebody(number, Role.COORDINATOR, number),
            False,
            of.moment(number * of.clips // of.speakers),
        )


def consent_events(of: Programme) -> Rows:
    """The yes of each, and the no of some."""
    for number in range(of.speakers):
        at, by = number * of.clips // of.speakers, of.somebody(number, Role.COORDINATOR, number)
        end = ("1", of.language_of(number), "bench", by)
        scopes = '["transcription", "publication"]'
        yield (
            f"consent-{number}-1",
            f"speaker-{number}",
            1,
            ConsentKind.GRANTED.value,
            scopes,
            *end,
            of.moment(at),
        )
        if of.withdrew(number):
            later = of.moment(at, later=60_000)
            yield (
                f"consent-{number}-2",
                f"speaker-{number}",
                2,
                ConsentKind.WITHDRAWN.value,
                "[]",
                *end,
                later,
            )


def erasures(of: Programme) -> Rows:
    """One for each no, finished."""
    for number in filter(of.withdrew, range(of.speakers)):
        at = of.moment(number * of.clips // of.speakers, later=60_000)
        by = of.somebody(number, Role.COORDINATOR, number)
        yield f"erasure-{number}", of.project, f"speaker-{number}", 1, f"consent-{number}-2", at, by, at


def uploads(of: Programme) -> Rows:
    """A file for each recording, and some that were refused."""
    for number in range(of.recordings + of.refused_uploads):
        became = number < of.recordings
        speaker = of.speaker_of(number)
        clip = (
            number * CLIPS_A_RECORDING
            if became
            else (number - of.recordings) * of.clips // of.refused_uploads
        )
        yield (
            f"upload-{number}",
            of.project,
            f"{of.language_of(speaker)}/file_{number}.m4a",
            digest("upload", number),
            SIZE,
            f"{number % 997:03}-{number % 991:03}",
            of.language_of(speaker),
            f"speaker-{speaker}",
            of.somebody(speaker, Role.COORDINATOR, speaker),
            (UploadState.INGESTED if became else UploadState.REJECTED).value,
            None if became else REFUSED[number % len(REFUSED)],
            f"recording-{number}" if became else None,
            0,
            of.moment(clip),
        )


def transfers(of: Programme) -> Rows:
    """How each file came."""
    for number in range(of.recordings):
        speaker = of.speaker_of(number)
        person = of.somebody(speaker, Role.COORDINATOR, speaker)
        at = of.moment(number * CLIPS_A_RECORDING)
        what = (TransferPurpose.RECORDING.value, SIZE, SIZE, '{"filename": "file.m4a"}', 1)
        became = (TransferState.COMPLETE.value, f"upload-{number}", f"speaker-{speaker}", 0)
        yield f"transfer-{number}", of.project, person, *what, *became, at, at


def verdicts(of: Programme) -> Rows:
    """What was heard of each at once."""
    for number in range(of.recordings):
        yield f"upload-{number}", True, 60.0, "[]", "{}", of.moment(number * CLIPS_A_RECORDING)


def recordings(of: Programme) -> Rows:
    """Originals, of ten clips each."""
    for number in range(of.recordings):
        speaker, content = of.speaker_of(number), digest("upload", number)
        gone = of.withdrew(speaker)
        first = number * CLIPS_A_RECORDING
        yield (
            f"recording-{number}",
            of.project,
            f"upload-{number}",
            content,
            content,
            f"recordings/{content}.m4a",
            of.language_of(speaker),
            ("aac", "opus", "amr_nb")[number % 3],
            16_000,
            1,
            960_000,
            (RecordingState.WITHDRAWN if gone else RecordingState.SEGMENTED).value,
            "consent_withdrawn" if gone else None,
            "field-1",
            min(CLIPS_A_RECORDING, of.clips - first),
            '{"snr_db": 21.5}',
            "[]",
            of.moment(first),
        )


def voices(of: Programme) -> Rows:
    """One a recording."""
    for number in range(of.recordings):
        yield f"recording-{number}", f"speaker-{of.speaker_of(number)}", 0


def clips(of: Programme) -> Rows:
    """Intervals of recordings."""
    for number in range(of.clips):
        recording, place = divmod(number, CLIPS_A_RECORDING)
        state, _ = of.states_of(number)
        key = f"clips/recording-{recording}/clip-{number}"
        yield (
            f"clip-{number}",
            of.project,
            f"recording-{recording}",
            "field-1",
            of.language_of(of.speaker_of(recording)),
            place,
            place * 96_000,
            place * 96_000 + 80_000,
            2.0 + number % 80 / 10,
            state.value,
            "clip_low_snr" if state is ClipState.REJECTED else None,
            '{"snr_db": 20.0}',
            "[]",
            f"{key}.flac",
            "0" * 64,
            f"{key}.clean.flac",
            "0" * 64,
            f"{key}.preview.opus",
            f"{key}.peaks.json",
            of.moment(number, later=30),
        )


def words(of: Programme) -> Rows:
    """By which accepted clips and all files are found."""
    for number in range(of.clips):
        if of.states_of(number)[0] is ClipState.ACCEPTED:
            for word in dict.fromkeys(text_of(number).split()):
                yield of.project, SearchKind.CLIP.value, word, f"clip-{number}"
    for number in range(of.recordings + of.refused_uploads):
        language = of.language_of(of.speaker_of(number))
        for word in search_words(f"{language}/file_{number}.m4a"):
            yield of.project, SearchKind.UPLOAD.value, word, f"upload-{number}"


TABLES = (
    MadeTable(Person, people, "id handle languages district active owner created_at"),
    MadeTable(PersonRole, roles, "person_id project_id role"),
    MadeTable(
        Speaker,
        speakers,
        "id project_id pseudonym language gender age_band district other_languages "
        "consent_scopes consent_round registered_by adult_yes_due created_at",
    ),
    MadeTable(
        ConsentEvent,
        consent_events,
        "id speaker_id number kind scopes notice_version notice_language evidence recorded_by at",
    ),
    MadeTable(
        Erasure,
        erasures,
        "id project_id speaker_id round consent_event_id requested_at requested_by finished_at",
    ),
    MadeTable(
        Upload,
        uploads,
        "id project_id name sha256 size receipt language speaker_id sent_by state reason "
        "recording_id consent_round received_at",
    ),
    MadeTable(
        Transfer,
        transfers,
        "id project_id person_id purpose length offset details lock_token state upload_id "
        "speaker_id consent_round created_at expires_at",
    ),
    MadeTable(Verdict, verdicts, "upload_id usable seconds reasons measures at"),
    MadeTable(
        Recording,
        recordings,
        "id project_id upload_id sha256 audio_sha256 key language codec sample_rate channels "
        "samples state reason recipe_id clips_cut measures findings created_at",
    ),
    MadeTable(RecordingSpeaker, voices, "recording_id speaker_id consent_round"),
    MadeTable(
        Clip,
        clips,
        "id project_id recording_id recipe_id language number start end seconds state reason "
        "measures findings cut_key cut_sha256 clean_key clean_sha256 preview_key peaks_key "
        "created_at",
    ),
    MadeTable(SearchWord, words, "project_id kind word subject_id"),
)
