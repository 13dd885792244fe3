"""Writing that a voice can't read, put into writing that it can.

espeak-ng reads every script of its own languages, and changes language by itself for a word in another of them. What it
can't read it spells, letter by letter and in English, which is useless as reference speech. Here are the scripts of
India that no voice reads, and the letters of phonetic and African writing.
"""

import unicodedata

_INDIC_BLOCKS = {  # Unicode laid all these out as ISCII did: the same sound at the same place in each block of 128
    "hi": 0x0900, "mr": 0x0900, "ne": 0x0900, "kok": 0x0900,
    "bn": 0x0980, "as": 0x0980, "bpy": 0x0980,
    "pa": 0x0A00, "gu": 0x0A80, "or": 0x0B00, "ta": 0x0B80, "te": 0x0C00, "kn": 0x0C80, "ml": 0x0D00,
}  # fmt: skip
_BLOCK = 0x80
_DEVANAGARI = 0x0900
_NO_TONES = frozenset({"sw", "tn"} | set(_INDIC_BLOCKS))

# Ol Chiki (Santali) is an alphabet: vowels are letters. Here each letter has its Devanagari consonant or vowel.
_OL_CHIKI_CONSONANTS = {
    "ᱛ": "त", "ᱜ": "ग", "ᱝ": "ं", "ᱞ": "ल", "ᱠ": "क", "ᱡ": "ज", "ᱢ": "म", "ᱣ": "व", "ᱥ": "स", "ᱦ": "ह", "ᱧ": "ञ",
    "ᱨ": "र", "ᱪ": "च", "ᱫ": "द", "ᱬ": "ण", "ᱭ": "य", "ᱯ": "प", "ᱰ": "ड", "ᱱ": "न", "ᱲ": "ड़", "ᱴ": "ट", "ᱵ": "ब",
    "ᱶ": "व",
}  # fmt: skip
_OL_CHIKI_VOWELS = {
    "ᱚ": ("अ", ""),
    "ᱟ": ("आ", "ा"),
    "ᱤ": ("इ", "ि"),
    "ᱩ": ("उ", "ु"),
    "ᱮ": ("ए", "े"),
    "ᱳ": ("ओ", "ो"),
}
_OL_CHIKI_ASPIRATE = "ᱷ"
_ASPIRATED = dict(zip("कगचजटडतदपब", "खघछझठढथधफभ", strict=True)) | {"ड़": "ढ़"}

# Meetei Mayek (Manipuri) to Bengali, in which Manipuri was written before
_MEETEI = {
    "ꯀ": "ক", "ꯁ": "স", "ꯂ": "ল", "ꯃ": "ম", "ꯄ": "প", "ꯅ": "ন", "ꯆ": "চ", "ꯇ": "ত", "ꯈ": "খ", "ꯉ": "ঙ", "ꯊ": "থ",
    "ꯋ": "ৱ", "ꯌ": "য়", "ꯍ": "হ", "ꯎ": "উ", "ꯏ": "ই", "ꯐ": "ফ", "ꯑ": "অ", "ꯒ": "গ", "ꯓ": "ঝ", "ꯔ": "র", "ꯕ": "ব",
    "ꯖ": "জ", "ꯗ": "দ", "ꯘ": "ঘ", "ꯙ": "ধ", "ꯚ": "ভ",
    "ꯛ": "ক্", "ꯜ": "ল্", "ꯝ": "ম্", "ꯞ": "প্", "ꯟ": "ন্", "ꯠ": "ৎ", "ꯡ": "ং", "ꯢ": "ই",
    "ꯣ": "ো", "ꯤ": "ি", "ꯥ": "া", "ꯦ": "ে", "ꯧ": "ৌ", "ꯨ": "ু", "ꯩ": "ৈ", "ꯪ": "ং", "꯭": "্",
}  # fmt: skip

_BENGALI_VOWELS = {"অা": "আ", "অি": "ই", "অু": "উ", "অে": "এ", "অো": "ও", "অৈ": "ঐ", "অৌ": "ঔ"}

# Letters of phonetic (IPA) and African writing to what a voice for plain Latin letters says most nearly
_LATIN = {
    "ε": "e", "ɛ": "e", "ɜ": "e", "æ": "e", "ə": "a", "ɐ": "a", "ɑ": "a", "ʌ": "a", "ɒ": "o", "ɔ": "o", "ω": "o",
    "ɪ": "i", "ɨ": "i", "ʊ": "u", "ʉ": "u", "ɯ": "u", "ŋ": "ng", "ɲ": "ny", "ɳ": "n", "ɱ": "m", "ʃ": "sh", "ʂ": "sh",
    "ɕ": "sh", "ʒ": "j",
    "ʤ": "j", "ʥ": "j", "ɟ": "j", "ʧ": "ch", "ʨ": "ch", "ɖ": "d", "ɗ": "d", "ʈ": "t", "ɓ": "b", "β": "b", "ɸ": "f",
    "ʋ": "v", "ɣ": "g", "ɡ": "g", "ɠ": "g", "ɦ": "h", "ħ": "h", "χ": "h", "ɭ": "l", "ɬ": "l", "ʎ": "ly", "ɹ": "r",
    "ɻ": "r", "ɽ": "r", "ɾ": "r", "ʀ": "r", "ʁ": "r", "θ": "th", "ð": "d", "ɥ": "w", "ʍ": "w", "ʰ": "h", "ʱ": "h",
    "ʷ": "w", "ʲ": "y", "ː": "", "ˑ": "", "ʔ": "", "ˈ": "", "ˌ": "",
}  # fmt: skip
_DOTTED_BELOW = {"s\u0323": "sh"}  # Yoruba ṣ


def readable(word: str, voice: str) -> str:
    """`word` in letters that `voice` reads.

    >>> readable("ᱥᱟᱱᱛᱟᱲᱤ", "hi"), readable("ꯃꯅꯤꯄꯨꯔ", "bn"), readable("रामः", "kn"), readable("láayεεmέ", "sw")
    ('सान्ताड़ि', 'মনিপুর', 'ರಾಮಃ', 'laayeeme')
    """
    if any("\u1c50" <= c <= "\u1c7f" for c in word):
        word = _from_ol_chiki(word)
    if any("\uabc0" <= c <= "\uabff" for c in word):
        word = _from_meetei(word)
    if voice in _NO_TONES and _is_latin(word):
        return _plain_latin(word)
    return _in_block_of(word, voice)


def _from_ol_chiki(word: str) -> str:
    out: list[str] = []
    open_consonant = False  # the last consonant has no vowel yet, so the inherent one must be killed
    for c in word:
        if c in _OL_CHIKI_VOWELS:
            out.append(_OL_CHIKI_VOWELS[c][open_consonant])
            open_consonant = False
        elif c == _OL_CHIKI_ASPIRATE and open_consonant:
            out[-1] = _ASPIRATED.get(out[-1], out[-1])
        elif c in _OL_CHIKI_CONSONANTS:
            if open_consonant and c != "ᱝ":
                out.append("्")
            out.append(_OL_CHIKI_CONSONANTS[c])
            open_consonant = c != "ᱝ"
        elif "\u1c50" <= c <= "\u1c59":
            out.append(chr(ord(c) - 0x1C50 + ord("०")))
        elif not "\u1c50" <= c <= "\u1c7f":
            out.append(c)
    return "".join(out)


def _from_meetei(word: str) -> str:
    text = "".join(
        _MEETEI.get(c, chr(ord(c) - 0xABF0 + ord("০")) if "\uabf0" <= c <= "\uabf9" else c) for c in word
    )
    for built, letter in _BENGALI_VOWELS.items():
        text = text.replace(built, letter)
    return text


def _is_latin(word: str) -> bool:
    letters = [c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c)[0] == "L"]
    return bool(letters) and all(c in _LATIN or "LATIN" in unicodedata.name(c, "") for c in letters)


def _plain_latin(word: str) -> str:
    """Without tone marks and other accents, which these voices read as names of signs or in another language."""
    text = unicodedata.normalize("NFD", word)
    for written, plain in _DOTTED_BELOW.items():
        text = text.replace(written, plain)
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    return "".join(c if c.isascii() else _LATIN.get(c.lower(), c) for c in text)


def _in_block_of(word: str, voice: str) -> str:
    """Devanagari under a voice of another Indic script: moved to that script, the same sounds by the same rules.

    Sanskrit by the Kannada voice keeps the vowels at the ends of its words, which the Hindi voice drops.
    """
    block = _INDIC_BLOCKS.get(voice, _DEVANAGARI)
    if block == _DEVANAGARI:
        return word
    moved = [
        chr(ord(c) - _DEVANAGARI + block) if _DEVANAGARI <= ord(c) < _DEVANAGARI + _BLOCK else c for c in word
    ]
    return "".join(moved) if all(unicodedata.name(c, "") for c in moved) else word
