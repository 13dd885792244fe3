"""Real sentences in languages that have no recordings here: the translated help pages of a desktop.

Debian's package `gnome-user-docs` (CC-BY-SA 3.0) has some 600 whole sentences each in Tamil and Marathi. They are read
where they lie, and nothing of them is kept.
"""

import html
import re
from pathlib import Path

SHORTEST, LONGEST = 6, 14
"""Words of a sentence, as people say in one breath."""
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]+>")
_SENTENCE_END = re.compile(r"[।.!?:;]\s*")
_BETWEEN_WORDS = re.compile(r"[\s,()/\"'“”‘’–—-]+")


def read_help_sentences(folder: Path, language: str) -> list[str]:
    """Sentences of FOLDER/LANGUAGE/gnome-help/*.page, each once; those with Latin letters or digits are left out."""
    found: dict[str, None] = {}
    for page in sorted(folder.glob(f"{language}/gnome-help/*.page")):
        for paragraph in _PARAGRAPH.findall(page.read_text("utf-8")):
            for sentence in _SENTENCE_END.split(html.unescape(_MARKUP.sub("", paragraph))):
                words = [word for word in _BETWEEN_WORDS.split(sentence) if word]
                foreign = any(re.search(r"[A-Za-z0-9]", word) for word in words)
                if SHORTEST <= len(words) <= LONGEST and not foreign:
                    found[" ".join(words)] = None
    return list(found)
