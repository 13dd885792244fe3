"""A small XML reader for files from strangers: no document type, no entities, bounded in size, depth and number."""

from dataclasses import dataclass, field
from xml.parsers import expat

from transcription.exchange.encoding import refuse_large
from transcription.exchange.package import ExchangeError

DEEPEST = 32
MOST_NODES = 500_000


@dataclass(slots=True)
class Node:
    """An element. text: what stands directly in it, unstripped."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def of(self, name: str) -> list["Node"]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]


def parse(data: bytes) -> Node:
    """The root element. Raises ExchangeError, with the line."""
    refuse_large(data)
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError(f"the file isn't whole XML: {error}.\nSave or send it again.") from error
    assert builder.root is not None  # expat refuses a document without an element
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[tuple[Node, list[str]]] = []
        self._nodes = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES or len(self._open) >= DEEPEST:
            raise ExchangeError(
                f"the file has more than {MOST_NODES} elements, or {DEEPEST} within each other. Is it the right file?"
            )
        node = Node(name, attributes)
        if self._open:
            self._open[-1][0].children.append(node)
        else:
            self.root = node
        self._open.append((node, []))

    def end(self, _: str) -> None:
        node, text = self._open.pop()
        node.text = "".join(text)

    def characters(self, text: str) -> None:
        self._open[-1][1].append(text)


def _refuse_doctype(*_: object) -> None:
    raise ExchangeError(
        "the file declares a document type or entities, which no work package has and which can harm.\n"
        "Remove its <!DOCTYPE …>."
    )
