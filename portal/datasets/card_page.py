"""A dataset card as a part of a page: Markdown without any HTML of its own, foreign pictures or inline styles."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markupsafe import Markup, escape

DEEPER = 1
"""A page has a title of its own: the card's headings stand below it."""
PICTURE_NAME = re.compile(r"[a-z]{1,40}\.svg")


def as_page(markdown: str, *, pictures: str = "") -> Markup:
    """Safe for a page, whoever wrote it. The front matter, which is for machines, is left out. A head of a table that
    says nothing is no head.

    pictures: where those lie that stand beside the text; without it, and of others, only their words are shown

    >>> as_page("# A <b>card</b>")
    Markup('<h2>A &lt;b&gt;card&lt;/b&gt;</h2>\\n')
    >>> as_page("![Hours](hours.svg) ![far](https://example.org/a.svg)", pictures="/v/pictures/")
    Markup('<p><img src="/v/pictures/hours.svg" alt="Hours" loading="lazy"> far</p>\\n')
    >>> as_page("| |clips|\\n|-|-|\\n|train|2|").count("<th>")
    1
    """
    reader = _reader()
    tokens = reader.parse(_without_front_matter(markdown))
    for token, following in pairwise(tokens):
        if token.type == "th_open" and not following.content:
            token.tag = "td"
        elif token.type == "inline" and not token.content and following.type == "th_close":
            following.tag = "td"
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + DEEPER)}"
        elif token.type in ("th_open", "td_open") and token.attrGet("style") == "text-align:right":
            token.attrs = {"class": "figure"}
        elif token.type in ("th_open", "td_open"):
            token.attrs = {}
    # Nothing of the text reaches this string unescaped: HTML is off, and links are http(s) or mailto alone.
    return Markup(reader.renderer.render(tokens, reader.options, {"pictures": pictures}))  # noqa: S704


def _without_front_matter(markdown: str) -> str:
    if not markdown.startswith("---\n"):
        return markdown
    _, _, rest = markdown.removeprefix("---\n").partition("\n---\n")
    return rest


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", _table_close)
    reader.add_render_rule("fence", _fence)
    reader.add_render_rule("image", _image)
    return reader


def _table_open(
    renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    # Can be scrolled with the keyboard where it is wider than a phone.
    return '<div class="wide" tabindex="0"><table>\n'


def _table_close(
    renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    return "</table></div>\n"


def _fence(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    # The same goes for code.
    return f'<pre tabindex="0" dir="ltr"><code>{escape(tokens[index].content)}</code></pre>\n'


def _image(renderer: RendererProtocol, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    name, words = str(token.attrGet("src")), escape(token.content)
    if not env["pictures"] or not PICTURE_NAME.fullmatch(name):
        return str(words)
    return f'<img src="{escape(env["pictures"])}{name}" alt="{words}" loading="lazy">'
