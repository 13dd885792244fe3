"""The vocabulary of a CTC model: what each of its outputs stands for, as model zoos write it down.

Read are `vocab.json` of Hugging Face (`{"<pad>": 0, "|": 4, "a": 5}`), and `tokens.txt` of sherpa, icefall and NeMo
(`token id` a line, or a token a line).
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

MOST_BYTES = 2**20
MOST_TOKENS = 50_000

_BLANKS = ("<blank>", "<blk>", "[blank]", "<b>", "<ctc_blank>", "<pad>", "[PAD]", "<eps>")
"""The most telling first: a model that has both `<blk>` and `<pad>` trains with the former."""
_BOUNDARY, _BEGINNING = "|", "▁"
"""Between words (wav2vec 2.0), and at a word's beginning (SentencePiece)."""


class BadVocabularyError(ValueError):
    """A file that is no vocabulary of a CTC model."""


@dataclass(frozen=True)
class Vocabulary:
    """tokens: by the number of the output; blank: the output that stands for nothing"""

    tokens: tuple[str, ...]
    blank: int

    def __post_init__(self) -> None:
        if not 0 <= self.blank < len(self.tokens):
            raise BadVocabularyError(
                f"the blank is one of the {len(self.tokens)} tokens, given: {self.blank}."
            )

    def text_of(self, ids: Sequence[int]) -> str:
        """What a row of outputs says, blanks and repetitions taken out before.

        >>> Vocabulary(("<pad>", "|", "न", "म"), 0).text_of([2, 3, 1, 2])
        'नम न'
        """
        said = "".join(self.tokens[each] for each in ids if not self._is_special(each))
        parted = said.replace(_BOUNDARY, " ").replace(_BEGINNING, " ")
        return unicodedata.normalize("NFC", " ".join(parted.split()))

    def ids_of(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """The outputs that spell these words, each with the number of its word; -1 for what parts two words.

        A letter that the model can't write is passed over: a word may have no output of its own.

        >>> Vocabulary(("<pad>", "|", "a", "b"), 0).ids_of(["ab", "?", "B"])
        [(2, 0), (3, 0), (1, -1), (3, 2)]
        """
        spelt: list[tuple[int, int]] = []
        for number, word in enumerate(words):
            own = self._spell(word)
            if own and spelt and self._boundary is not None:
                spelt.append((self._boundary, -1))
            spelt += [(each, number) for each in own]
        return spelt

    def _spell(self, word: str) -> list[int]:
        """The longest tokens first, from left to right."""
        text = self._cased(unicodedata.normalize("NFC", word))
        text = f"{_BEGINNING}{text}" if self._in_pieces else text
        found: list[int] = []
        at = 0
        while at < len(text):
            for length in range(min(self._longest, len(text) - at), 0, -1):
                each = self._ids.get(text[at : at + length])
                if each is not None:
                    found.append(each)
                    at += length
                    break
            else:
                at += 1
        lone = [self._ids.get(_BEGINNING)]
        return [] if found == lone else found

    def _cased(self, word: str) -> str:
        letters = "".join(self._ids)
        if letters.upper() == letters:
            return word.upper()
        return word.lower() if letters.lower() == letters else word

    def _is_special(self, number: int) -> bool:
        return number == self.blank or _special(self.tokens[number])

    @cached_property
    def _ids(self) -> Mapping[str, int]:
        """Outputs by what they write; not those for anything else."""
        return {
            unicodedata.normalize("NFC", " " if token == _BOUNDARY else token): number
            for number, token in enumerate(self.tokens)
            if not self._is_special(number)
        }

    @cached_property
    def _boundary(self) -> int | None:
        return self._ids.get(" ")

    @cached_property
    def _in_pieces(self) -> bool:
        return any(token.startswith(_BEGINNING) for token in self.tokens)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._ids), default=1)


def read_vocabulary(data: bytes) -> Vocabulary:
    """Of a file's bytes. Raises BadVocabularyError."""
    if len(data) > MOST_BYTES:
        raise BadVocabularyError(f"a vocabulary takes at most {MOST_BYTES} bytes, given: {len(data)}.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadVocabularyError(f"a vocabulary is UTF-8 text: {error}.") from None
    numbered = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    if not 2 <= len(numbered) <= MOST_TOKENS:
        raise BadVocabularyError(f"a vocabulary has 2 to {MOST_TOKENS} tokens, given: {len(numbered)}.")
    if sorted(numbered.values()) != list(range(len(numbered))):
        raise BadVocabularyError("a vocabulary numbers its tokens 0, 1, 2 and so on, each once.")
    tokens = tuple(sorted(numbered, key=numbered.__getitem__))
    blank = next((numbered[name] for name in _BLANKS if name in numbered), None)
    if blank is None:
        raise BadVocabularyError(
            f"a vocabulary of a CTC model names its blank {', '.join(_BLANKS)}; this one has none of these. "
            "Rename the token that stands for nothing."
        )
    return Vocabulary(tokens, blank)


def _from_json(text: str) -> dict[str, int]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadVocabularyError(f"a vocabulary in JSON is an object of tokens: {error}.") from None
    if not all(type(number) is int for number in said.values()):
        raise BadVocabularyError('a vocabulary in JSON gives each token its number: {"<pad>": 0, "a": 1}.')
    return dict(said)


def _from_lines(text: str) -> dict[str, int]:
    """`token id`, or the token alone; a token may be a blank (U+0020), so lines are cut at their last one."""
    lines = [line for line in text.split("\n") if line.strip("\r")]
    pairs = [line.rstrip("\r").rpartition(" ") for line in lines]
    if all(number.isascii() and number.isdigit() for _, _, number in pairs):
        numbered = {token or " ": int(number) for token, _, number in pairs}
    else:
        numbered = {line.rstrip("\r"): place for place, line in enumerate(lines)}
    if len(numbered) != len(lines):
        raise BadVocabularyError("a vocabulary names each token once.")
    return numbered


def _special(token: str) -> bool:
    """`<s>`, `[UNK]`, `<|en|>`: for the model's own use."""
    return len(token) > 2 and (token[0], token[-1]) in (("<", ">"), ("[", "]"))
