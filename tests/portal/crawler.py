"""Walks the pages of somebody who is signed in, as their links lead, and reads what they say."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from fastapi.testclient import TestClient

MOST_PAGES = 600
NOT_FOLLOWED = re.compile(
    r"^/(sign-out|listen|static|metrics)|\.jsonld|/csv|\.csv|^/datasets/.*/(files|signed)/|[?&](after|texts_before)="
)
"""What is fetched and not read, and the further pages of long lists."""
ENGLISH = re.compile(r"(?:\b[a-zA-Z][a-z']+[\s,]+){3,}[a-z']+\b")
"""Four words of Latin letters and more."""
QUOTES = frozenset({"bdi", "code", "pre", "q", "option", "textarea"})
"""What holds names, codes and what people wrote."""
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
NUMBER = re.compile(r"[0-9][0-9,]*")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link as it is read. target: path and query, without what follows #"""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadPage:
    """An answer to a visit.

    states:  what its marks of state say, in their order
    text:    all that is read on it
    english: sentences in Latin letters that are not said to be in a language of their own, nor quoted
    """

    address: str
    status: int
    links: tuple[PageLink, ...] = ()
    states: tuple[str, ...] = ()
    text: str = ""
    english: tuple[str, ...] = ()


@dataclass
class _Reader(HTMLParser):
    """Collects the links, the marks of state and the text of a page."""

    links: list[tuple[str, list[str]]] = field(default_factory=list)
    states: list[list[str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _open: list[tuple[str, list[str] | None]] = field(default_factory=list)
    english: list[str] = field(default_factory=list)
    _silent: int = 0
    _quoted: list[tuple[str, bool]] = field(default_factory=list)
    """Open elements, and whether what is in them may be English."""

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def _is_quoted(self) -> bool:
        return bool(self._quoted) and self._quoted[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style"):
            self._silent += 1
        if tag not in VOID:
            says_its_language = tag != "html" and bool(given.get("lang"))
            self._quoted.append((tag, self._is_quoted or says_its_language or tag in QUOTES))
        if tag == "a" and given.get("href"):
            self.links.append((str(given["href"]), []))
            self._open.append((tag, self.links[-1][1]))
        elif "state" in (given.get("class") or "").split():
            self.states.append([])
            self._open.append((tag, self.states[-1]))
        elif self._open and tag == self._open[-1][0]:
            self._open.append((tag, None))  # another of its kind within it

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent -= 1
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
        while any(each == tag for each, _ in self._quoted) and self._quoted.pop()[0] != tag:
            pass  # an element that needs no end

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words.append(data)
        if not self._is_quoted:
            self.english += ENGLISH.findall(data)
        for _tag, words in self._open:
            if words is not None:
                words.append(data)


def read(client: TestClient, address: str) -> ReadPage:
    """The page at that address, its redirects followed."""
    answer = client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return ReadPage(address, answer.status_code)
    reader = _Reader()
    reader.feed(answer.text)
    here = str(answer.url)
    links = (PageLink(_path(urljoin(here, href)), _joined(words)) for href, words in reader.links)
    return ReadPage(
        address,
        answer.status_code,
        tuple(links),
        tuple(_joined(each) for each in reader.states),
        _joined(reader.words),
        tuple(reader.english),
    )


def english_in(html: str) -> tuple[str, ...]:
    """Sentences in Latin letters on a page that are not said to be in a language of their own, nor quoted."""
    reader = _Reader()
    reader.feed(html)
    return tuple(reader.english)


def walk(client: TestClient, *starts: str) -> Iterator[ReadPage]:
    """Every page that links lead to from these, each once, the near ones first. At most MOST_PAGES."""
    waiting, seen = deque(starts), set(starts)
    while waiting:
        page = read(client, waiting.popleft())
        yield page
        for link in page.links:
            target = link.target
            if not target.startswith("/") or NOT_FOLLOWED.search(target):
                continue  # another server's, or no page
            if target not in seen:
                seen.add(target)
                waiting.append(target)
        assert len(seen) <= MOST_PAGES, f"more than {MOST_PAGES} pages: is there a circle of addresses?"


def rows_behind(client: TestClient, list_address: str) -> list[dict[str, str]]:
    """Everything in the list of that address, as its spreadsheet has it."""
    path, _, query = list_address.partition("?")
    answer = client.get(f"{path}/csv?{query}")
    assert answer.status_code == 200, f"{list_address} has no spreadsheet: {answer.status_code}"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def number_in(text: str) -> int | None:
    """The number that a text is, and nothing else.

    >>> number_in("3,004"), number_in("3 clips"), number_in("0.1 h")
    (3004, None, None)
    """
    return int(text.replace(",", "")) if NUMBER.fullmatch(text) else None


def _path(address: str) -> str:
    """Without the host, where it is our own, and without what follows #."""
    parts = urlsplit(urldefrag(address).url)
    if parts.scheme not in ("http", "https"):
        return address
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if parts.hostname in ("127.0.0.1", "localhost", "testserver") else address


def _joined(words: list[str]) -> str:
    return " ".join("".join(words).split())
