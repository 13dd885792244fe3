"""The one list of reasons, for machines and people alike, so that a coordinator reads one report.

A code never changes its meaning. What it says to people may be worded better at any time.
"""

from dataclasses import dataclass
from enum import StrEnum

from catalog.errors import UserError


class ReasonKind(StrEnum):
    FILE = "file"
    """What was sent can't be used at all."""
    SOUND = "sound"
    """The recording plays, but something is wrong with its sound."""
    CLIP = "clip"
    """One clip of a good recording."""
    CONSENT = "consent"
    PERSON = "person"
    """A transcriber's or reviewer's judgement."""
    TEXT = "text"
    """Why a transcript was sent back."""
    FAILURE = "failure"
    """Our side failed; the same command tries again."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with what it says, and what somebody can do about it."""

    code: str
    kind: ReasonKind
    sentence: str
    mend: str


_K = ReasonKind
_ALL = (
    Reason("empty_file", _K.FILE, "The file is empty.", "Record again; check that the phone has free space."),
    Reason(
        "unreadable",
        _K.FILE,
        "The file can't be opened.",
        "Check who may read it, and that the card or drive is still connected.",
    ),
    Reason(
        "not_audio",
        _K.FILE,
        "There is no sound in this file.",
        "Send the recording itself, not a note or a picture.",
    ),
    Reason(
        "refused_format",
        _K.FILE,
        "This kind of file is not opened here.",
        "Send a recording as the phone made it (WAV, MP3, M4A, AMR, 3GP, OGG, WebM, FLAC).",
    ),
    Reason(
        "corrupt",
        _K.FILE,
        "The file is damaged and nothing of it plays.",
        "Send it again from the phone that recorded it.",
    ),
    Reason(
        "truncated",
        _K.FILE,
        "The end of the recording is missing.",
        "Send it again; if it is cut on the phone too, record the last part again.",
    ),
    Reason("damaged", _K.FILE, "Some moments of the file are damaged.", "Send it again; what plays is used."),
    Reason(
        "unread",
        _K.FILE,
        "Some seconds of this file can't be read as sound; the rest is used.",
        "Play it on the phone: if more is heard there, save it again in another app, and send that.",
    ),
    Reason(
        "decoder_crashed",
        _K.FILE,
        "The file made its decoder crash, so it is set aside.",
        "Save it again in another app or format, and send that.",
    ),
    Reason(
        "over_limit",
        _K.FILE,
        "Reading this file took more time or memory than a recording needs.",
        "Save it again in another format, or raise the limits in the project's file if it is honest.",
    ),
    Reason(
        "too_long",
        _K.FILE,
        "The recording is longer than this project takes.",
        "Split it, or raise limits in the project's file.",
    ),
    Reason(
        "too_large",
        _K.FILE,
        "The file is larger than this project takes.",
        "Send it as MP3, M4A or Opus, or raise limits.upload_mb in the project's file.",
    ),
    Reason(
        "too_short",
        _K.FILE,
        "The recording is too short to hold an utterance.",
        "Record again; speak after the tone.",
    ),
    Reason(
        "too_many_channels",
        _K.FILE,
        "The recording has more channels than a microphone array.",
        "Export it as mono or stereo.",
    ),
    Reason(
        "duplicate_bytes",
        _K.FILE,
        "The very same file was sent before.",
        "Nothing to do: the first one counts.",
    ),
    Reason(
        "duplicate_audio",
        _K.FILE,
        "The same sound was sent before, saved in another form.",
        "Nothing to do: the first one counts.",
    ),
    Reason(
        "near_duplicate",
        _K.FILE,
        "The same recording was sent before; this one was saved smaller, cut, or made louder.",
        "Nothing to do: the first one counts.",
    ),
    Reason(
        "partly_duplicate",
        _K.FILE,
        "A part of this recording was sent before. Both are kept.",
        "Listen to both; withdraw one, so that nobody writes the same words twice.",
    ),
    Reason(
        "unknown_language",
        _K.FILE,
        "Nobody said which language this is, or the project doesn't collect it.",
        "Put the file in a folder named by the language's code, or name it in the list beside the files.",
    ),
    Reason(
        "no_speech", _K.SOUND, "Nobody speaks here.", "Check the microphone is not covered, and record again."
    ),
    Reason("too_quiet", _K.SOUND, "Too quiet.", "Hold the phone a hand's width from the mouth."),
    Reason(
        "clipped",
        _K.SOUND,
        "Too loud: the sound is cut off at the top.",
        "Hold the phone further away, or speak softer.",
    ),
    Reason(
        "low_snr",
        _K.SOUND,
        "The noise is nearly as loud as the voice.",
        "Go indoors or away from the noise, hold the phone closer.",
    ),
    Reason(
        "dropouts",
        _K.SOUND,
        "The sound breaks off again and again.",
        "Close other apps, record to the phone, not over the network.",
    ),
    Reason(
        "dead_channel",
        _K.SOUND,
        "One of the channels carries nothing.",
        "Nothing to do: the live channel is used. Check the cable.",
    ),
    Reason(
        "duplicated_channel",
        _K.SOUND,
        "Both channels are the same.",
        "Nothing to do; mono saves half the data.",
    ),
    Reason(
        "dc_offset",
        _K.SOUND,
        "The signal stands off centre.",
        "Nothing to do: it is corrected. Try another microphone.",
    ),
    Reason(
        "hum",
        _K.SOUND,
        "Mains hum.",
        "Unplug the charger while recording; move away from the fan or the fridge.",
    ),
    Reason(
        "wind",
        _K.SOUND,
        "Wind on the microphone.",
        "Turn your back to the wind, shelter the phone, record again.",
    ),
    Reason(
        "narrow_band",
        _K.SOUND,
        "Telephone quality: the high sounds are missing.",
        "Record in the app, not over a call; choose a better quality.",
    ),
    Reason("reverberant", _K.SOUND, "The room echoes.", "Move closer to the speaker, away from bare walls."),
    Reason(
        "several_speakers",
        _K.SOUND,
        "More than one person speaks.",
        "Ask others to be silent, or name every speaker and their consent.",
    ),
    Reason(
        "other_voice",
        _K.SOUND,
        "Another voice than in this speaker's other recordings.",
        "Look whether the right speaker was chosen; if somebody else spoke, ask them and record under their name.",
    ),
    Reason(
        "familiar_voice",
        _K.SOUND,
        "This voice sounds like a speaker who is known already.",
        "Look at the speaker's page: if they are one person, go on under the earlier name.",
    ),
    Reason("clip_too_short", _K.CLIP, "Too little speech for a clip.", "Nothing to do."),
    Reason("clip_low_snr", _K.CLIP, "Noise covers this clip.", "Record in a quieter place."),
    Reason("clip_clipped", _K.CLIP, "This clip is cut off at the top.", "Hold the phone further away."),
    Reason(
        "not_aligned",
        _K.CLIP,
        "The words could not be laid on the sound.",
        "Check that this is the text of this sound, written as it is said.",
    ),
    Reason(
        "no_consent",
        _K.CONSENT,
        "A voice in it has not consented.",
        "Ask the speaker, record their yes, then run again.",
    ),
    Reason(
        "consent_withdrawn", _K.CONSENT, "A speaker has taken their consent back.", "Nothing: this is obeyed."
    ),
    Reason(
        "arrived_after_withdrawal",
        _K.CONSENT,
        "It arrived after its speaker had taken their consent back, and was erased at once.",
        "Nothing: this is obeyed. Record them again only after a new yes.",
    ),
    Reason("no_speech_heard", _K.PERSON, "A transcriber heard no speech.", "Nothing to do."),
    Reason("inaudible", _K.PERSON, "The words can't be made out.", "Record closer to the speaker."),
    Reason("wrong_language", _K.PERSON, "Another language is spoken.", "Name the language when sending."),
    Reason(
        "not_my_dialect", _K.PERSON, "The transcriber doesn't know this dialect.", "It goes to somebody else."
    ),
    Reason(
        "overlapping_voices", _K.PERSON, "People speak over each other.", "Let one person speak at a time."
    ),
    Reason("too_noisy", _K.PERSON, "The noise is too loud to write this down.", "Record in a quieter place."),
    Reason(
        "cut_words",
        _K.PERSON,
        "The clip begins or ends inside a word.",
        "The recipe's padding may be too small.",
    ),
    Reason(
        "personal_information",
        _K.PERSON,
        "Names somebody or gives a number, address or account.",
        "A manager decides; it is not published.",
    ),
    Reason(
        "bystander",
        _K.PERSON,
        "Somebody speaks who was not asked.",
        "Record away from other people, or ask everybody who is heard for their consent.",
    ),
    Reason(
        "reported_otherwise",
        _K.PERSON,
        "Somebody who heard it reported it.",
        "Nobody hears this clip any more. A reviewer looks at it.",
    ),
    Reason("offensive", _K.PERSON, "Insults or hatred.", "A manager decides; it is not published."),
    Reason(
        "no_consent_heard",
        _K.PERSON,
        "The speaker seems not to know they are recorded.",
        "The coordinator asks the speaker again.",
    ),
    Reason("missing_words", _K.TEXT, "Words that are said are not written.", "Listen again and add them."),
    Reason("added_words", _K.TEXT, "Words are written that nobody says.", "Write only what is heard."),
    Reason("wrong_words", _K.TEXT, "Words are written wrong.", "Listen again and correct them."),
    Reason("spelling", _K.TEXT, "Spelling.", "See the guideline."),
    Reason("tags_wrong", _K.TEXT, "Tags are missing or wrong.", "See the guideline's list of tags."),
    Reason(
        "numbers_wrong",
        _K.TEXT,
        "Numbers are not written as the guideline says.",
        "Write them as they are said.",
    ),
    Reason(
        "english_wrong", _K.TEXT, "English words are not written as the guideline says.", "See the guideline."
    ),
    Reason(
        "recogniser_missing",
        _K.FAILURE,
        "The recogniser that the project names can't be found.",
        "Put its files where the project says, or correct their names there.",
    ),
    Reason(
        "recogniser_away",
        _K.FAILURE,
        "The service that hears clips gave no answer.",
        "The next run tries again. Check its address and its key.",
    ),
    Reason(
        "not_looked_at",
        _K.FAILURE,
        "This recording could not be looked at yet.",
        "Nothing to do: it is kept here, and is looked at again by itself.",
    ),
    Reason(
        "store_unavailable",
        _K.FAILURE,
        "The store could not be reached.",
        "Check the network and run the same command again.",
    ),
    Reason(
        "step_failed",
        _K.FAILURE,
        "A step failed for a reason of ours.",
        "See the log; run the same command again.",
    ),
)

REASONS = {reason.code: reason for reason in _ALL}


class UnknownReason(UserError):
    """A code that is not on the list."""


def reason(code: str) -> Reason:
    """The reason behind a code.

    >>> reason("too_quiet").mend
    "Hold the phone a hand's width from the mouth."
    """
    if code not in REASONS:
        raise UnknownReason(f"{code} is not a reason code; they stand in docs/reasons.md.")
    return REASONS[code]
