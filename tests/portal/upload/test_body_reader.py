"""The reader of one body, whatever way its bytes come."""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from portal.upload.body_reader import BodyReader, End
from tests import own_loop

PORTION = 100


def read(
    messages: Sequence[Message | None], *, most: int = 10_000, idle: float = 0.05
) -> tuple[list[bytes], End]:
    """Portions and end of a body that comes so; None: nothing more ever comes."""

    async def reading() -> tuple[list[bytes], End]:
        coming = iter(messages)

        async def receive() -> Message:
            message = next(coming)
            if message is None:
                await asyncio.Event().wait()
                raise AssertionError
            await asyncio.sleep(0)
            return message

        async with BodyReader(
            receive, most=most, portion_bytes=PORTION, portion_seconds=0.01, idle_seconds=idle
        ) as body_reader:
            portions = [portion async for portion in body_reader.portions()]
            assert body_reader.end is not None
            return portions, body_reader.end

    return own_loop.run(reading())


def body(*pieces: bytes, last: bool = True) -> list[Message]:
    return [
        {"type": "http.request", "body": piece, "more_body": not last or number < len(pieces)}
        for number, piece in enumerate(pieces, start=1)
    ]


CUT: Message = {"type": "http.disconnect"}


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20), st.sampled_from(["whole", "cut", "idle"]))
@settings(max_examples=60)
def test_however_a_body_comes_and_ends_what_came_is_handed_out_in_order(
    pieces: list[bytes], ending: str
) -> None:
    endings: dict[str, list[Message | None]] = {"whole": [], "cut": [CUT], "idle": [None]}
    rest = endings[ending]

    portions, end = read([*body(*pieces, last=ending == "whole"), *rest])

    assert b"".join(portions) == b"".join(pieces)
    assert end == ending
    assert all(len(portion) < PORTION + 300 for portion in portions)


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=2, max_size=20))
@settings(max_examples=60)
def test_a_body_that_is_too_long_never_hands_out_the_last_byte_there_was_room_for(
    pieces: list[bytes],
) -> None:
    whole = b"".join(pieces)
    room = len(whole) - len(pieces[-1])

    portions, end = read(body(*pieces), most=room)

    assert end is End.OVERLONG
    handed = b"".join(portions)
    assert len(handed) < room and whole.startswith(handed)


def test_all_that_there_is_room_for_is_handed_out_even_if_the_end_never_comes() -> None:
    portions, end = read([*body(bytes(250), last=False), None], most=250)

    assert (b"".join(portions), end) == (bytes(250), End.IDLE)
