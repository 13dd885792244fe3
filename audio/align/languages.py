"""Which espeak-ng voice reads a language; for a language without one, which voice is nearest and why."""

from dataclasses import dataclass

from audio.align.espeak import voices


class NoVoiceError(ValueError):
    """No voice reads the language, and none is known to come near."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A stand-in: the voice that reads a language which has none of its own."""

    voice: str
    why: str


_HINDI_BELT = Nearest("hi", "close to Hindi and written in Devanagari")
_BANTU = Nearest(
    "sw", "open syllables and Latin letters said as written, as in Swahili; tone marks are dropped"
)
_LATIN = Nearest("sw", "Latin letters said as written; the Swahili voice adds no spelling rules of its own")

# From script and sounds as documented. Measured only for Mboshi (mdw) and Akan (ak): bench/alignment.py
NEAREST: dict[str, Nearest] = {
    # languages of India's constitution
    "mai": Nearest("hi", "Maithili: Devanagari, sounds near Hindi's"),
    "sa": Nearest(
        "kn",
        "Sanskrit: Kannada says every inherent vowel, where Hindi and Marathi drop the last; "
        "Devanagari is moved to the Kannada block letter by letter",
    ),
    "doi": Nearest("hi", "Dogri in Devanagari; Punjabi is nearer in sound, but its voice reads Gurmukhi"),
    "ks": Nearest("ur", "Kashmiri in Arabic letters; in Devanagari espeak-ng changes to Hindi by itself"),
    "sat": Nearest(
        "hi", "Santali: Ol Chiki is put into Devanagari; espeak-ng reads Bengali and Odia letters by itself"
    ),
    "brx": Nearest("hi", "Bodo is written in Devanagari"),
    "mni": Nearest("bn", "Manipuri in Bengali letters; Meetei Mayek is put into them"),
    # other languages of India
    "anp": _HINDI_BELT,
    "awa": _HINDI_BELT,
    "bgc": _HINDI_BELT,
    "bho": _HINDI_BELT,
    "bns": _HINDI_BELT,
    "bra": _HINDI_BELT,
    "gbm": _HINDI_BELT,
    "hne": _HINDI_BELT,
    "kfy": _HINDI_BELT,
    "mag": _HINDI_BELT,
    "mwr": _HINDI_BELT,
    "raj": _HINDI_BELT,
    "sck": _HINDI_BELT,
    "bhb": Nearest("hi", "Bhili: Devanagari; Gujarati letters are read by espeak-ng's change of language"),
    "gon": Nearest(
        "hi", "Gondi is mostly written in Devanagari; Telugu letters are read by change of language"
    ),
    "hoc": Nearest("hi", "Ho is mostly written in Devanagari"),
    "kru": Nearest("hi", "Kurukh is mostly written in Devanagari"),
    "unr": Nearest("hi", "Mundari is mostly written in Devanagari"),
    "kfa": Nearest("kn", "Kodava is written in Kannada letters"),
    "tcy": Nearest("kn", "Tulu is written in Kannada letters, and is Dravidian"),
    "rkt": Nearest("bn", "Rangpuri: Bengali letters and sounds"),
    "syl": Nearest("bn", "Sylheti in Bengali letters"),
    "ctg": Nearest("bn", "Chittagonian: Bengali letters and sounds"),
    "trp": Nearest("bn", "Kokborok in Bengali letters"),
    "grt": _LATIN,
    "kha": _LATIN,
    "lus": _LATIN,
    "njo": _LATIN,
    "nag": _LATIN,
    "skr": Nearest("ur", "Saraiki: Arabic letters"),
    "pnb": Nearest("ur", "Western Punjabi: Arabic letters, which the Punjabi voice doesn't read"),
    # Africa
    "bem": _BANTU,
    "ki": _BANTU,
    "kmb": _BANTU,
    "lg": _BANTU,
    "ln": _BANTU,
    "mdw": _BANTU,
    "nd": _BANTU,
    "ny": _BANTU,
    "rn": _BANTU,
    "rw": _BANTU,
    "sn": _BANTU,
    "st": Nearest("tn", "Sesotho is close to Tswana"),
    "nso": Nearest("tn", "Northern Sotho is close to Tswana"),
    "ts": _BANTU,
    "xh": _BANTU,
    "zu": _BANTU,
    "ak": _LATIN,
    "ee": _LATIN,
    "ff": _LATIN,
    "ha": _LATIN,
    "ig": _LATIN,
    "so": Nearest("om", "Somali: Cushitic and Latin letters, as Oromo"),
    "tw": _LATIN,
    "wo": _LATIN,
    "yo": Nearest(
        "sw",
        "Yoruba: open syllables and Latin letters said as written; tone marks and dots below are dropped",
    ),
}

_OTHER_NAMES = {  # ISO 639-3 and other common names of what the tables call by two letters
    "asm": "as", "ben": "bn", "eng": "en", "guj": "gu", "hin": "hi", "kan": "kn", "mal": "ml", "mar": "mr",
    "nep": "ne", "npi": "ne", "ori": "or", "ory": "or", "pan": "pa", "san": "sa", "snd": "sd", "sin": "si",
    "tam": "ta", "tel": "te", "urd": "ur", "gom": "kok", "kas": "ks", "swa": "sw", "swh": "sw", "swc": "sw",
    "yor": "yo", "aka": "ak", "twi": "tw", "hau": "ha", "ibo": "ig", "dgo": "doi", "no": "nb", "zh": "cmn",
}  # fmt: skip


def nearest_voice(language: str) -> str:
    """The voice that reads `language` (a code such as hi, hin, en-IN, sat-Olck), its own or the nearest in NEAREST.

    >>> [nearest_voice(code) for code in ("te", "en-IN", "mai", "mni", "yo")]
    ['te', 'en', 'hi', 'bn', 'sw']

    Raises NoVoiceError.
    """
    known = {name.lower(): name for name in voices()}
    code = language.replace("_", "-").lower()
    base = code.split("-")[0]
    for name in (code, _OTHER_NAMES.get(base, base)):
        if name in known:
            return known[name]
    near = NEAREST.get(_OTHER_NAMES.get(base, base))
    if near is None:
        raise NoVoiceError(
            f"words are timed with a voice of espeak-ng that reads the language, and none is known for {language!r}. "
            "Name the nearest voice that reads its letters in NEAREST of audio/align/languages.py."
        )
    return near.voice
