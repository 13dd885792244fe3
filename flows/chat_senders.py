"""The senders of a chat and the coordinator's list of who they are, which stands beside the chat and nowhere else."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UserError
from flows.chat_lists import SENDERS
from flows.whatsapp import (
    Sender,
    SentFile,
    cell_of,
    is_chat,
    is_sound,
    read_chat,
    read_senders,
    sender_in,
    senders_of,
)
from flows.zip_source import ZipSource, bounded_lines, read_bounded


class NoChat(UserError):
    """There is no chat with recordings."""


@dataclass(frozen=True, slots=True)
class ChatSenders:
    """list_path: where the coordinator writes down who they are"""

    list_path: Path
    senders: Sequence[Sender]


def senders_in(chat: Path, scratch: Path) -> ChatSenders:
    """Everybody who sent a recording into a chat: a zip archive, or the folder it was unpacked into.

    Raises NoChat, UnusableArchive, UnreadableTable.
    """
    sent = _in_folder(chat) if chat.is_dir() else _in_archive(chat, scratch)
    if not sent:
        raise NoChat(
            f"{chat} holds no WhatsApp chat with recordings. Export the chat with its media, "
            "and name the zip file, or the folder with its text and its recordings."
        )
    path = chat / SENDERS if chat.is_dir() else chat.with_name(SENDERS)
    known = read_senders(read_bounded(path)) if path.is_file() else {}
    sounds = {name: each for name, each in sent.items() if is_sound(name)}
    return ChatSenders(path, senders_of(sounds, known))


def add_senders(found: ChatSenders) -> int:
    """Write those into the list who are not in it, for a person to put a pseudonym behind; how many there were.

    The list is its writer's alone: it says whose voice each pseudonym is.
    """
    is_new = not found.list_path.exists()
    written = set() if is_new else _named_in(found.list_path)
    missing = [each.name for each in found.senders if each.name and each.name not in written]
    with os.fdopen(
        os.open(found.list_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", newline=""
    ) as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(("sender", "speaker"))
        writer.writerows((cell_of(name), "") for name in missing)
    return len(missing)


def _named_in(path: Path) -> set[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {sender_in(row[0]) for row in csv.reader(file) if row}


def _in_folder(folder: Path) -> dict[str, SentFile]:
    names = [path.name for path in folder.iterdir() if path.is_file()]
    sent: dict[str, SentFile] = {}
    for name in sorted(filter(is_chat, names)):
        with (folder / name).open("rb") as stream:
            sent |= read_chat(bounded_lines(stream), names)
    return sent


def _in_archive(archive: Path, scratch: Path) -> dict[str, SentFile]:
    source = ZipSource(archive, scratch)
    name = source.chat_name()
    return (
        read_chat(source.lines(name), (each.rpartition("/")[2] for each in source.entries())) if name else {}
    )
