"""Sentences that know what they were filled from: English where printed, translated where a page shows them."""

from collections.abc import Callable, Mapping


class Sentence(str):
    """An English text with its template, by which a translation is found.

    template: with %(name)s for each value, and %% for a percent sign
    values:   texts; one that is a Sentence is translated too

    >>> rule = Sentence("repeats '%(language)s'", language="te")
    >>> rule, rule.translated({"repeats '%(language)s'": "रेपीट '%(language)s'"}.get)
    ("repeats 'te'", "रेपीट 'te'")
    """

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, **values: str) -> "Sentence":
        made = super().__new__(cls, template % values)
        made.template, made.values = template, values
        return made

    def translated(self, gettext: Callable[[str], str | None]) -> str:
        """By a function that gives the translation of a template, or nothing."""
        values = {name: translated(value, gettext) for name, value in self.values.items()}
        return (gettext(self.template) or self.template) % values


def sentence_of(error: Exception) -> str:
    """What an exception was raised with: a Sentence where it was one, which `str(error)` would forget.

    >>> type(sentence_of(ValueError(Sentence("it is empty")))).__name__
    'Sentence'
    """
    said = error.args[0] if error.args else ""
    return said if isinstance(said, str) else str(error)


def translated(text: str, gettext: Callable[[str], str | None]) -> str:
    """A sentence in another language; a text that is none stays what it is."""
    return text.translated(gettext) if isinstance(text, Sentence) else text
