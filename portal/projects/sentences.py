"""What each setting means, as `docs/projects.md` says it (a test holds the two together), and words for its values."""

from collections.abc import Mapping

from catalog.config.yaml_document import Key
from portal.http.pages import _
from portal.projects.purpose_names import PURPOSE_NAMES

GROUPS: Mapping[str, str] = {
    "general": _("In general"),
    "consent": _("Consent"),
    "clips": _("Clips"),
    "transcription": _("Writing down"),
    "prefill": _("Machine drafts"),
    "agreement": _("Agreement"),
    "review": _("Review"),
    "pay": _("Pay"),
    "release": _("The dataset"),
    "limits": _("Limits"),
    "retention": _("How long things are kept"),
}
SENTENCES: Mapping[str, str] = {
    "title": _("the name that people see"),
    "languages": _("the languages that are collected"),
    "weekly_hours": _("hours of sound that the field means to bring in a week"),
    "quotas.*.hours": _("hours wanted in all"),
    "quotas.*.by_district": _("hours wanted of each district, a line each, as Warangal: 20"),
    "quotas.*.by_gender.*": _("hours wanted of each gender"),
    "quotas.*.by_age_band": _("hours wanted of each age, a line each, as 18-30: 20"),
    "consent.version": _("the version of the notice; every change of a notice gets a new one"),
    "consent.notices.*": _("what is read aloud to the speaker, word for word"),
    "consent.scopes": _("what a yes allows"),
    "consent.purposes.*.*": _(
        "the words of the notice that name this purpose; without them it is not asked for"
    ),
    "consent.public_licence": _(
        "only for a corpus that is public already: the licence under which its speakers gave their voices"
    ),
    "consent.demonstration": _(
        "nobody real is recorded: notices are used though no native speaker has signed them"
    ),
    "consent.evidence_after_withdrawal": _("the spoken or signed yes of a speaker who took it back"),
    "consent.minors": _("whether speakers under 18 may be asked, each through a parent or guardian"),
    "clips.recipe": _("the recipe by which recordings become clips"),
    "clips.min_seconds": _("the shortest clip in seconds, where it is not the recipe's"),
    "clips.max_seconds": _("the longest clip in seconds, where it is not the recipe's"),
    "clips.poor_sound": _("what becomes of recordings and clips that sound too poor"),
    "clips.voices": _("whether a recording's voice is held against those of the speaker's others"),
    "clips.thresholds.snr_db_at_least": _("a clip with less voice over noise (dB) is rejected"),
    "clips.thresholds.clipped_share_at_most": _(
        "a clip with a larger share of samples at full scale is rejected"
    ),
    "clips.thresholds.speech_share_at_least": _("a clip of which a smaller share is speech is rejected"),
    "clips.thresholds.loudness_lufs_at_least": _("a clip that is less loud (LUFS) is rejected"),
    "clips.thresholds.bandwidth_hz_at_least": _(
        "a recording that carries nothing above this (Hz) is rejected"
    ),
    "transcription.transcribers": _("people who write each clip down, unseen by each other: 1 or 2"),
    "transcription.guideline": _("which version of each language's guideline"),
    "transcription.lease_minutes": _("minutes that a clip is held without a sign of life"),
    "transcription.heartbeat_minutes": _(
        "minutes between two signs of life; at most half of the time before"
    ),
    "transcription.blind_second_share": _(
        "with one transcriber: share of the clips that a second one writes down unseen"
    ),
    "transcription.max_pending_per_person": _("most clips that one person holds at a time"),
    "transcription.wait_for_second_hours": _(
        "hours that a text waits for the next person before a reviewer decides on what is there"
    ),
    "transcription.quiz_clips": _(
        "gold clips that a person writes right in a language before the first work in it; 0: no quiz"
    ),
    "recognisers.*.onnx": _(
        "a CTC model in ONNX: its place below the configs folder, or its address in a store"
    ),
    "recognisers.*.vocabulary": _("the vocabulary of that model, vocab.json or tokens.txt, likewise"),
    "recognisers.*.features": _(
        "what that model hears by, where it isn't the sound itself: a description, likewise"
    ),
    "recognisers.*.service": _("or the name of a model at the service that the operator has set"),
    "recognisers.*.uses": _("what the model does beside drafts"),
    "prefill.drafts": _(
        "whether a transcriber begins with a draft: what a recogniser heard, or a list brought"
    ),
    "prefill.blind_share": _("share of the clips that are written without a draft all the same"),
    "prefill.error_at_most": _("drafts with a larger share of wrong words are shown no more"),
    "prefill.publish_pairs": _(
        "whether the dataset holds what the machine had written, beside what people made of it"
    ),
    "agreement.threshold": _("two texts agree on the whole where they differ by no more than this share"),
    "agreement.measure": _("what is compared"),
    "agreement.third_on_disagreement": _(
        "two texts that don't agree: whether a third person is asked before a reviewer"
    ),
    "agreement.doubt_at_most": _(
        "share of a text's words that may be expected wrong where it passes without a reviewer"
    ),
    "agreement.doubtful_words": _("two texts that agree but for some words: who settles these"),
    "review.share": _("share of what would pass without a reviewer that one sees all the same"),
    "review.super_check_share": _("share of accepted texts that a second reviewer looks at"),
    "review.loops": _("how often a text may be sent back to its author"),
    "pay.currency": _("the currency in three letters, as INR"),
    "pay.rates.*.amount": _("what is paid"),
    "pay.rates.*.per": _("for each accepted"),
    "release.name": _("the name of the dataset"),
    "release.licence": _("the licence of the dataset"),
    "release.splits.train": _("share of the time that is for training"),
    "release.splits.validation": _("share of the time that is for comparing models"),
    "release.splits.test": _("share of the time that is for the last test"),
    "release.splits.keep_sentences_apart": _(
        "a sentence that is said in several splits stays in one of them, and the others are held back"
    ),
    "release.rendition": _("which sound is published"),
    "release.remarks": _("what a user of the data must know beside the figures, a line each"),
    "release.where": _("conditions that a clip meets to be taken, a line each"),
    "release.low_score": _("what becomes of clips whose words fit their sound badly"),
    "release.min_speakers": _("a language with fewer speakers is held back"),
    "release.purposes": _("what the dataset is given out for"),
    "release.stratify_by": _("what each split should have its share of"),
    "release.forms": _("forms that are kept in the store too"),
    "limits.recording_hours": _("hours of the longest recording that is taken"),
    "limits.upload_mb": _("megabytes of the largest file that is taken"),
    "retention.names": _(
        "days that names of speakers and of guardians are kept, after the last recording that came from them"
    ),
    "retention.phones": _("days that phone numbers of speakers are kept, likewise"),
    "retention.logs": _("days that ended sign-ins and what machines said of failures are kept"),
    "retention.rejected_files": _("days that the bytes of files and recordings are kept that were refused"),
    "retention.voices": _("days that embeddings by which voices are compared are kept after they were made"),
    "retention.transfers": _("days that the course of uploads is kept after they began"),
    "retention.drafts": _("days that texts saved on the way are kept once a later one replaced them"),
    "retention.evidence": _("days that the yes of a speaker who took it back is kept after the withdrawal"),
}
WORDS: Mapping[str, str] = {
    **{purpose.value: name for purpose, name in PURPOSE_NAMES.items()},
    "true": _("yes"),
    "false": _("no"),
    "female": _("women"),
    "male": _("men"),
    "other": _("other"),
    "transcription": _("kept, and listened to by staff"),
    "publication": _("given out in a dataset"),
    "evidence_after_withdrawal.keep": _("kept, to show that there was one"),
    "erase": _("erased too"),
    "reject": _("rejected, with the reason"),
    "poor_sound.keep": _("given to transcribers, with a warning"),
    "keep": _("for ever"),
    "compare": _("compared"),
    "off": _("not compared"),
    "cer": _("characters"),
    "wer": _("words"),
    "review": _("a reviewer"),
    "third": _("a third transcriber"),
    "audio_minute": _("minute of sound"),
    "word": _("word"),
    "align": _("times the words"),
    "check": _("finds texts that don't fit their sound"),
    "cut": _("as it was recorded"),
    "clean": _("as it was cleaned"),
    "hold_back": _("held back"),
    "publish": _("published"),
    "language": _("Language"),
    "gender": _("Gender"),
    "age_band": _("Age"),
    "district": _("District"),
    "dialect": _("Dialect"),
}
"""By value; where one word stands for two things, by the last part of its setting too."""


def sentence_of(key: Key) -> str:
    """English, translated where it is shown. Raises KeyError for a setting that nobody has described."""
    return SENTENCES[pattern_of(key)]


def meaning_of(key: Key) -> str:
    """The sentence of a setting that a file may have; "" for what is no field, such as a dataset's further choices."""
    return SENTENCES.get(pattern_of(key), "")


def pattern_of(key: Key) -> str:
    """A setting whatever language, purpose, role or gender it is of.

    >>> pattern_of(("quotas", "te", "by_gender", "male")), pattern_of(("review", "share"))
    ('quotas.*.by_gender.*', 'review.share')
    """
    parts = [str(part) for part in key]
    for place, name in enumerate(parts[:-1]):
        if name in _OPEN:
            parts[place + 1] = "*"
            if name == "purposes":
                parts[place + 2 :] = ["*"]
    return ".".join(parts)


_OPEN = frozenset({"quotas", "recognisers", "by_gender", "notices", "purposes", "rates"})


def word_of(key: Key, value: str) -> str:
    """What people call a value; English, translated where it is shown. A proper name stays what it is."""
    return WORDS.get(f"{key[-1]}.{value}") or WORDS.get(value, value)
