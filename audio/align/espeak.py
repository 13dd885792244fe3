"""Reference speech: a text said by espeak-ng, with the time of every sound of every word.

The library and its voices come inside the `espeakng_loader` wheel; this is its C API (speak_lib.h, version 1.52)
through ctypes. The library keeps its state in global variables, some of which (the phase of its pitch flutter) no call
of it resets, so that the same text sounds different the second time. Therefore each text gets the library freshly
loaded, under a lock. It is C code fed with people's text: a server should call this in a child process that it can
afford to lose.
"""

import _ctypes
import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np
import numpy.typing as npt

RATE_WPM = 175
"""espeak-ng's natural speed, words a minute; it takes 80 to 450."""
SLOWEST_WPM, FASTEST_WPM = 80, 450

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples by callback, in our thread
_PHONEME_EVENTS, _DO_NOT_EXIT = 0x0001, 0x8000
_UTF8, _CHARACTER_POSITIONS, _SPEED = 1, 1, 1
_END_OF_EVENTS, _WORD, _PHONEME = 0, 1, 7
_LONGEST_PATH = 150  # the library keeps its data path in 160 bytes and cuts the rest silently
_LONGEST_SPEECH = 20 * 60  # seconds; no text of a 5 minute clip comes near


class UnknownVoiceError(ValueError):
    """The voice isn't one of `voices()`."""


class SynthesisError(RuntimeError):
    """espeak-ng could not be started, or gave no speech."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One sound of the reference: samples [start, end) belong to word `word`. `name` is espeak-ng's mnemonic."""

    word: int
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A text said by a voice.

    samples: float32 mono at `rate`
    phones:  in time order; pauses between words belong to none of them
    """

    samples: npt.NDArray[np.float32]
    rate: int
    phones: tuple[Phone, ...]


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What came through the callback: (kind, character position from 0, name, sample)."""

    samples: npt.NDArray[np.float32]
    events: tuple[tuple[int, int, str, int], ...]


_LOCK = threading.Lock()


@contextmanager
def _fresh_library() -> Iterator["_Library"]:
    """The library in its first state; one at a time, unloaded at the end."""
    with _LOCK:
        library = _Library()
        try:
            yield library
        finally:
            library.close()


class _Library:
    """The loaded library."""

    def __init__(self) -> None:
        data = espeakng_loader.get_data_path()
        if len(str(data).encode()) > _LONGEST_PATH:
            raise SynthesisError(
                f"espeak-ng keeps the path of its voices in {_LONGEST_PATH} bytes, given: {data}. "
                "Install Boli in a folder with a shorter path."
            )
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self.rate = int(
            self._library.espeak_Initialize(
                _SYNCHRONOUS, 200, str(data).encode(), _PHONEME_EVENTS | _DO_NOT_EXIT
            )
        )
        if self.rate <= 0:
            raise SynthesisError(f"espeak-ng did not start (it said {self.rate}) on its voices in {data}.")
        self._callback = _Callback(self._hear)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        self._blocks: list[bytes] = []
        self._events: list[tuple[int, int, str, int]] = []
        self._bytes = 0

    def close(self) -> None:
        self._library.espeak_Terminate()
        _ctypes.dlclose(self._library._handle)

    def voices(self) -> frozenset[str]:
        found, number, names = self._library.espeak_ListVoices(None), 0, set()
        while found[number]:
            names.add(bytes(found[number].contents.identifier).decode().rpartition("/")[2])  # "inc/hi"
            number += 1
        return frozenset(names)

    def speak(self, text: str, voice: str, wpm: int) -> _Spoken:
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UnknownVoiceError(f"a voice is one of those that `voices()` lists, given: {voice!r}.")
        self._library.espeak_SetParameter(_SPEED, wpm, 0)
        self._blocks, self._events, self._bytes = [], [], 0
        given = text.encode()
        failed = self._library.espeak_Synth(
            given, len(given) + 1, 0, _CHARACTER_POSITIONS, 0, _UTF8, None, None
        )
        self._library.espeak_Synchronize()
        if failed:
            raise SynthesisError(f"espeak-ng gave error {failed} for a text of {len(text)} characters.")
        samples = np.frombuffer(b"".join(self._blocks), dtype=np.int16).astype(np.float32)
        return _Spoken(samples / np.float32(32768), tuple(self._events))

    def _hear(self, block, count, events) -> int:  # type: ignore[no-untyped-def]  # ctypes calls it
        if count > 0:
            self._blocks.append(ctypes.string_at(block, 2 * count))
            self._bytes += 2 * count
        number = 0
        while events[number].type != _END_OF_EVENTS:
            event = events[number]
            name = bytes(event.id.string).decode(errors="replace") if event.type == _PHONEME else ""
            self._events.append((event.type, event.text_position - 1, name, event.sample))
            number += 1
        return int(self._bytes > 2 * self.rate * _LONGEST_SPEECH)  # 1 stops the speech


@cache
def voices() -> frozenset[str]:
    """Names of the voices there are, such as "hi" and "en-us"."""
    with _fresh_library() as library:
        return library.voices()


def speak(words: Sequence[str], voice: str, wpm: int = RATE_WPM) -> Reference:
    """Say the words one after another, as one sentence.

    words: plain words without white space or punctuation
    wpm:   speed, SLOWEST_WPM..FASTEST_WPM

    A word in which the voice finds nothing to say gets no phone. Raises UnknownVoiceError, SynthesisError.
    """
    with _fresh_library() as library:
        spoken = library.speak(" ".join(words), voice, wpm)
        groups = _phones_by_word(spoken, words)
        phones: list[Phone] = []
        for word, sounds in groups.items():
            silent_after = word + 1
            while silent_after < len(words) and silent_after not in groups:
                silent_after += 1
            group = range(word, silent_after)
            lengths = (
                [1]
                if len(group) == 1
                else [_speaking_time(library.speak(words[member], voice, wpm)) for member in group]
            )
            phones += _share(sounds, group, lengths)
        return Reference(spoken.samples, library.rate, tuple(phones))


def _phones_by_word(spoken: _Spoken, words: Sequence[str]) -> dict[int, list[tuple[str, int, int]]]:
    """Sounds (name, start, end) under the word whose event came last before them."""
    word_at = np.repeat(np.arange(len(words)), [len(word) + 1 for word in words])
    heard: dict[int, list[tuple[str, int, int]]] = {}
    word = 0
    # "(en)" only says that another language's rules begin, at the time of the sound before it
    marks = [e for e in spoken.events if e[0] == _WORD or (e[0] == _PHONEME and not e[2].startswith("("))]
    ends = [event[3] for event in marks[1:]] + [len(spoken.samples)]
    for (kind, position, name, start), end in zip(marks, ends, strict=True):
        if kind == _WORD:
            word = max(word, int(word_at[min(max(position, 0), len(word_at) - 1)]))
        elif end > start and not name.startswith("_"):  # pauses: "_:", "_|", "_"
            heard.setdefault(word, []).append((name, start, end))
    return heard


def _share(sounds: list[tuple[str, int, int]], group: range, lengths: list[int]) -> list[Phone]:
    """Give the sounds of words that espeak-ng reads as one ("of the", "have been") to each by its own length."""
    if sum(lengths) == 0:
        return [Phone(group[0], *sound) for sound in sounds]
    bounds = np.cumsum(lengths) / sum(lengths)
    total = sum(end - start for _, start, end in sounds)
    phones, passed = [], 0
    for name, start, end in sounds:
        middle = (passed + (end - start) / 2) / total
        phones.append(Phone(group[int(np.searchsorted(bounds, middle))], name, start, end))
        passed += end - start
    return phones


def _speaking_time(spoken: _Spoken) -> int:
    return sum(end - start for _, start, end in _phones_by_word(spoken, ("",)).get(0, []))
