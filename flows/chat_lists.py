"""A chat beside recordings as a list of them: `senders.csv` says which speaker each sender is."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from catalog.table_reader import UnreadableTable
from flows.steps.sidecar import ListFile
from flows.whatsapp import SentFile, is_sound, read_chat, read_senders, rows_about

SENDERS = "senders.csv"
LEFT_OUT = "-"
"""In place of a speaker: what this sender sent is none of the project's business."""


@dataclass(frozen=True, slots=True)
class ChatLists:
    """What a chat says of its files.

    lists: to be read like any other
    aside: files that are not taken in: pictures, and what those sent who are left out
    """

    lists: tuple[ListFile, ...] = ()
    aside: frozenset[str] = frozenset()


NO_CHAT = ChatLists()


def lists_of_chat(
    folder: str, lines: Iterable[str], names: Iterable[str], senders: ListFile | None
) -> ChatLists:
    """What a chat in `folder` says of the files there.

    names: of the files of the source; senders: who is whom, where somebody wrote it down
    No fault names anybody: it is read by more people than the chat is.
    """
    here = {PurePosixPath(name).name: name for name in names if name.rpartition("/")[0] == folder}
    sent = read_chat(lines, here)
    if not sent:
        return NO_CHAT
    place = f"{folder}/{SENDERS}" if folder else SENDERS
    try:
        known = read_senders(senders.data) if senders is not None and senders.data is not None else {}
    except UnreadableTable as error:
        return ChatLists((ListFile(place, None, str(error)),), _no_sound(here))
    left_out = {here[name] for name, speaker in rows_about(sent, known) if speaker == LEFT_OUT}
    rows = [(name, speaker) for name, speaker in rows_about(sent, known) if speaker != LEFT_OUT]
    lists = [ListFile(f"{folder}/chat" if folder else "chat", _as_table(rows))]
    if fault := _unnamed(sent, here, known):
        lists.append(ListFile(place, None, fault))
    return ChatLists(tuple(lists), _no_sound(here) | left_out)


def _no_sound(here: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for last, name in here.items() if not is_sound(last))


def _unnamed(sent: Mapping[str, SentFile], here: Mapping[str, str], known: Mapping[str, str]) -> str:
    named = {name for name, _ in rows_about(sent, known)}
    sounds = [name for name in here if is_sound(name)]
    waiting = [name for name in sounds if name not in named]
    if not waiting:
        return ""
    senders = {sent[name].sender for name in waiting if name in sent}
    return (
        f"{len(waiting)} recordings of this chat have no speaker yet; {len(senders)} senders are not named. "
        f"`boli recordings senders` writes them into {SENDERS}: put each one's pseudonym there, or {LEFT_OUT}."
    )


def _as_table(rows: Sequence[tuple[str, str]]) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(("file", "speaker"))
    writer.writerows(rows)
    return table.getvalue().encode()
