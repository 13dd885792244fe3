"""Which containers and codecs we open, and what a file that won't open seems to be.

FFmpeg also opens playlists (`ffconcat`, HLS, DASH), which make it read other files or the network whatever the
file is called: so every demuxer, protocol and codec that isn't named here is refused.
"""

from collections.abc import Collection
from pathlib import Path

from audio.errors import UnusableRecording
from audio.layout.marks import ASF_HEADER
from audio.reasons import AudioReason

DEMUXERS = "wav,w64,flac,mp3,ogg,mov,mp4,m4a,3gp,matroska,webm,aac,amr,amrnb,amrwb,aiff,caf,au,nistsphere,asf"

_CODEC_NAMES = """
    aac aac_fixed aac_latm adpcm_ima_qt adpcm_ima_wav adpcm_ms alac amrnb amrwb flac g726le
    gsm gsm_ms libgsm libgsm_ms libopencore_amrnb libopencore_amrwb libopus libvorbis
    mp1 mp1float mp2 mp2float mp3 mp3float opus speex vorbis wmav1 wmav2
    pcm_alaw pcm_mulaw pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be
    pcm_f32le pcm_f32be pcm_f64le pcm_f64be
"""
CODECS = frozenset(_CODEC_NAMES.split())

OPEN_OPTIONS = {
    "protocol_whitelist": "fd",  # what we opened ourselves: no name is ever followed
    "format_whitelist": DEMUXERS,
    "codec_whitelist": ",".join(sorted(CODECS)),  # no picture decoder ever runs, not even to look
}

_PLAYLISTS = (b"ffconcat", b"#extm3u", b"<?xml", b"<mpd", b"v=0", b"[playlist]", b"#!/", b"[reference]")
_SOUND_MARKS = (
    b"RIFF",
    b"RF64",
    b"RIFX",
    b"fLaC",
    b"OggS",
    b"ID3",
    b"\x1aE\xdf\xa3",
    b"#!AMR",
    b"FORM",
    b"caff",
    b".snd",
    b"NIST_1A",
    ASF_HEADER,
)
_MENDS = {
    "shorten": "Unpack it first, to WAV: sph2pipe of the Linguistic Data Consortium does it.",
}
_BARE_SHORTEN = b"ajkg"
_USUAL_MEND = "Send WAV, FLAC, MP3, M4A, AMR or Opus."
_ASF_LOCK = (  # objects that say how the sound is ciphered
    bytes.fromhex("fbb31122 23bdd211 b4b700a0 c955fc6e"),
    bytes.fromhex("14e68a29 2226174c b935dae0 7ee9289c"),
)


def refuse_unopened(path: Path, head: bytes, *, refused_by_list: bool) -> UnusableRecording:
    """The finding for a file that no allowed demuxer opens.

    head:            its first 4,096 bytes or so
    refused_by_list: the demuxer that recognised it is not on our list
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if refused_by_list or text.startswith(_PLAYLISTS):
        return UnusableRecording(
            AudioReason.REFUSED_FORMAT,
            f"{path.name!r} is a playlist or a container that we don't open. "
            "Send the recording itself: WAV, FLAC, MP3, M4A, AMR, 3GP, OGG or WebM.",
        )
    if head.startswith(_BARE_SHORTEN):
        return refuse_codings(path, ["shorten"])
    if _looks_like_sound(head):
        return UnusableRecording(
            AudioReason.CORRUPT,
            f"{path.name!r} begins like a recording, but its structure is broken and no sound can be read. "
            "Send it again.",
        )
    return UnusableRecording(
        AudioReason.NOT_AUDIO, f"{path.name!r} is not a recording in any format that we know."
    )


def refuse_codings(path: Path, codings: Collection[str]) -> UnusableRecording:
    """The finding for a file whose container we open, and none of whose tracks is in a coding of our list."""
    mend = next((_MENDS[coding] for coding in sorted(codings) if coding in _MENDS), _USUAL_MEND)
    return UnusableRecording(
        AudioReason.REFUSED_FORMAT,
        f"the sound in {path.name!r} is coded as {', '.join(sorted(codings))}, which we don't open. {mend}",
    )


def refuse_locked(path: Path, head: bytes) -> None:
    """Raise UnusableRecording (refused_format) for Windows Media under a copy lock: decoded, it would be noise."""
    if head.startswith(ASF_HEADER) and any(lock in head for lock in _ASF_LOCK):
        raise UnusableRecording(
            AudioReason.REFUSED_FORMAT,
            f"{path.name!r} is locked against copying (DRM). Send a copy without the lock, from the recorder itself.",
        )


def _looks_like_sound(head: bytes) -> bool:
    mpeg_sync = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return head.startswith(_SOUND_MARKS) or head[4:8] == b"ftyp" or mpeg_sync
