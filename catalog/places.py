"""Districts and other places as a project's own list: data with its source, none of it ours.

A table with the columns code, name, parent and, where there is one, local_name; India's Local Government Directory
(lgdirectory.gov.in) names them `District Code`, `District Name (In English)`, `State Name (In English)`, and that is
read as it comes. Above its header stands where it is from: `source,Local Government Directory, downloaded 2026-11-30`.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from catalog.config.sentence import Sentence, sentence_of
from catalog.table_reader import DELIMITERS, TableRow, UnreadableTable, cells_of, read_table
from catalog.text_encoding import UndecodableText, decode_text

MOST_BYTES = 8 * 2**20
MOST_PLACES = 5_000
LONGEST = 80
_ALIASES = {
    **dict.fromkeys(("district_code", "lgd_code", "district_lgd_code", "place_code"), "code"),
    **dict.fromkeys(("district_name", "district", "place"), "name"),
    **dict.fromkeys(("state_name", "state", "parent_code"), "parent"),
    **{f"district_name{space}(in_english)": "name" for space in ("", "_")},
    **{f"state_name{space}(in_english)": "parent" for space in ("", "_")},
    **{
        f"district_name{space}(in_local{ending})": "local_name"
        for space in ("", "_")
        for ending in ("", "_language")
    },
}


@dataclass(frozen=True, slots=True)
class Place:
    """parent: its name, "" where none is given; local_name: as it is written there, "" where nobody says"""

    code: str
    name: str
    parent: str
    local_name: str = ""


@dataclass(frozen=True, slots=True)
class PlaceFault:
    """What is wrong with a cell. line: in the file; rule: a Sentence, for a person"""

    line: int
    column: str
    rule: str


@dataclass(frozen=True, slots=True)
class PlaceList:
    """districts: in the order of their names; faults: rows that are left out, with the reason"""

    source: str
    districts: tuple[Place, ...]
    faults: tuple[PlaceFault, ...] = ()

    def spelled(self, written: str) -> str:
        """A district as the list spells it, whichever way it was written; as written where it has none, or two.

        >>> PlaceList("x", (Place("346", "Dumka", "Jharkhand", "दुमका"),)).spelled("दुमका")
        'Dumka'
        """
        found = {
            each.name
            for each in self.districts
            if _plain(written) in (_plain(each.name), _plain(each.local_name))
        }
        return found.pop() if len(found) == 1 and written.strip() else written


NO_NAME = Sentence("a place has a name of 80 letters at most")
TWICE = Sentence("stands in the list twice")
NO_CIRCLE = Sentence("is its own parent")
NO_SOURCE = Sentence(
    "it does not say where it is from. Write above its header: source, and behind it who publishes the list and when "
    "it was downloaded."
)


def read_places(data: bytes) -> PlaceList:
    """A list of places with its source. Raises UnreadableTable, with the rule and what to do.

    >>> places = read_places(b"source,Census of India 2011\\ncode,name,parent\\n20,Jharkhand,\\n346,Dumka,20\\n")
    >>> places.source, places.districts
    ('Census of India 2011', (Place(code='346', name='Dumka', parent='Jharkhand', local_name=''),))
    """
    if len(data) > MOST_BYTES:
        raise UnreadableTable(
            Sentence(
                "it is larger than %(most)s MB. Keep the districts where people are recorded.",
                most=str(MOST_BYTES // 2**20),
            )
        )
    source = _source(data)
    rows = read_table(data, required=["name"], aliases=_ALIASES)
    if len(rows) > 20 * MOST_PLACES:
        raise UnreadableTable(
            Sentence("it has more than %(most)s rows. Keep the districts alone.", most=str(20 * MOST_PLACES))
        )
    by_code = {row.cells["code"]: row for row in rows if row.cells.get("code")}
    faults: list[PlaceFault] = []
    found: dict[tuple[str, str], Place] = {}
    parents = {row.cells.get("parent", "") for row in rows}
    for row in rows:
        fault = _fault(row, found, by_code)
        if fault is not None:
            faults.append(fault)
        elif not _is_above(row, parents):
            place = _place(row, by_code)
            found.setdefault((place.code or place.name, place.parent), place)
    if len(found) > MOST_PLACES:
        raise UnreadableTable(
            Sentence(
                "it has more than %(most)s districts. Keep those where people are recorded.",
                most=str(MOST_PLACES),
            )
        )
    districts = sorted(found.values(), key=lambda place: (place.name, place.parent))
    return PlaceList(source, tuple(districts), tuple(faults))


def _source(data: bytes) -> str:
    try:
        text = decode_text(data[:65_536].rsplit(b"\n", 1)[0])
    except UndecodableText as error:
        raise UnreadableTable(sentence_of(error)) from error
    for delimiter in DELIMITERS:
        for _, cells in islice(cells_of(text, delimiter), 5):
            first, *others = (cell.text.strip().lstrip("#").strip() for cell in cells)
            if first.casefold().rstrip(":") == "source" and (said := ", ".join(filter(None, others))):
                return said[:500]
    raise UnreadableTable(NO_SOURCE)


def _fault(
    row: TableRow, found: Mapping[tuple[str, str], Place], by_code: Mapping[str, TableRow]
) -> PlaceFault | None:
    name, code, parent = row.cells["name"], row.cells.get("code", ""), row.cells.get("parent", "")
    if not name or len(name) > LONGEST or any(unicodedata.category(each) in ("Cc", "Cs") for each in name):
        return PlaceFault(row.line, "name", NO_NAME)
    if code and code == parent:
        return PlaceFault(row.line, "parent", NO_CIRCLE)
    before = found.get((code or name, _place(row, by_code).parent))
    # a list of villages names the district in each of its rows: only another name is a fault
    return PlaceFault(row.line, "code", TWICE) if before is not None and before.name != name else None


def _is_above(row: TableRow, parents: set[str]) -> bool:
    """Whether it is a state over districts of the list, and no district itself."""
    return not row.cells.get("parent") and bool({row.cells.get("code"), row.cells["name"]} & (parents - {""}))


def _place(row: TableRow, by_code: Mapping[str, TableRow]) -> Place:
    parent = row.cells.get("parent", "")
    above = by_code.get(parent)
    texts = (row.cells.get("code", ""), row.cells["name"], above.cells["name"] if above else parent)
    code, name, parent = (unicodedata.normalize("NFC", text) for text in texts)
    return Place(code, name, parent, unicodedata.normalize("NFC", row.cells.get("local_name", ""))[:LONGEST])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
