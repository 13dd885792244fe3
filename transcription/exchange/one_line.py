"""Text on one line, for formats whose lines can't be broken: \\n, \\t and \\\\ for line end, tab and backslash."""

import re

_WRITTEN = {"\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_MEANT = {written: meant for meant, written in _WRITTEN.items()}
_PLAIN = re.compile(r"[\\\n\t]")
_ESCAPED = re.compile(r"\\[\\nt]")


def on_one_line(text: str) -> str:
    """
    >>> on_one_line("a\\tb")
    'a\\\\tb'
    """
    return _PLAIN.sub(lambda found: _WRITTEN[found.group()], text)


def as_meant(line: str) -> str:
    """`on_one_line` back; another backslash is one."""
    return _ESCAPED.sub(lambda found: _MEANT[found.group()], line)
