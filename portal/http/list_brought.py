"""A list that somebody brings to a page: a text file or a spreadsheet, or rows pasted into a box."""

from typing import Annotated

from fastapi import Query, UploadFile

from catalog.config.sentence import Sentence
from catalog.table_reader import UnreadableTable
from catalog.workbook import table_text

ImportId = Annotated[str, Query(pattern=r"^(import-[0-9a-f]{20})?$")]
"""Of an import that was just made, in the address of the page that says so."""


def list_text(file: UploadFile | None, pasted: str, *, most_bytes: int) -> str:
    """The list as text: of the file, where one was chosen. Raises UnreadableTable, also where the file is longer."""
    if file is None or not file.filename:
        return pasted
    data = file.file.read(most_bytes + 1)
    if len(data) > most_bytes:
        most = str(most_bytes // 1024)
        raise UnreadableTable(
            Sentence("the file has more than %(most)s kB. Bring it in several parts.", most=most)
        )
    return table_text(data)
