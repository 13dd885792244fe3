"""Why a recording or a clip can't be used, or should be looked at: one machine code each.

The sentences that people read, by language, are the catalogue's (`catalog/reasons.py`).
A code never changes its meaning.
"""

from enum import StrEnum


class AudioReason(StrEnum):
    # the file
    EMPTY_FILE = "empty_file"  # no bytes, or a header and no samples
    UNREADABLE = "unreadable"  # the operating system refuses to give the bytes
    NOT_AUDIO = "not_audio"  # no sound stream in it
    REFUSED_FORMAT = "refused_format"  # a playlist, or a container or codec that we don't open
    CORRUPT = "corrupt"  # bears a sound format's marks, but hardly anything decodes
    TRUNCATED = "truncated"  # clearly less sound than its container declares
    DAMAGED = "damaged"  # some packets could not be decoded
    UNREAD = "unread"  # bytes that no packet, head or tag accounts for: seconds of sound that nobody hears
    DECODER_CRASHED = (
        "decoder_crashed"  # the child process that decoded it died, or met something that nobody foresaw
    )
    OVER_LIMIT = "over_limit"  # memory, processor time or wall time
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_MANY_CHANNELS = "too_many_channels"

    # the sound in it
    NO_SPEECH = "no_speech"
    TOO_QUIET = "too_quiet"
    CLIPPED = "clipped"
    LOW_SNR = "low_snr"
    DROPOUTS = "dropouts"
    DEAD_CHANNEL = "dead_channel"
    DUPLICATED_CHANNEL = "duplicated_channel"
    DC_OFFSET = "dc_offset"
    HUM = "hum"
    WIND = "wind"
    NARROW_BAND = "narrow_band"
    REVERBERANT = "reverberant"
    SEVERAL_SPEAKERS = "several_speakers"

    # one clip
    CLIP_TOO_SHORT = "clip_too_short"
    CLIP_LOW_SNR = "clip_low_snr"
    CLIP_CLIPPED = "clip_clipped"


NOTHING_TO_KEEP = frozenset({AudioReason.NO_SPEECH, AudioReason.TRUNCATED, AudioReason.CLIP_TOO_SHORT})
"""Where one of these rejects, there is nothing to transcribe, whatever sound a project puts up with."""
