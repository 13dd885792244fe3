"""Range headers, as players and resumed downloads send them, and as nobody should (RFC 9110, section 14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.http.byte_range import byte_range, range_headers, range_status

SIZES = st.integers(0, 2**40)


@given(SIZES, st.text(max_size=60))
def test_any_header_gives_a_part_of_the_file_or_none_of_it(size, header):
    wanted = byte_range(header, size)

    assert wanted is None or (wanted.step == 1 and 0 <= wanted.start <= wanted.stop <= size)


@given(SIZES, st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_range_gives_the_bytes_that_are_there_of_those_it_names(size, first, last):
    wanted = byte_range(f"bytes={first}-{last}", size)

    named = range(first, last + 1)
    there = range(named.start, min(named.stop, size))
    assert (wanted or range(0)) == (there if len(there) else range(0))


@given(SIZES, st.integers(0, 2**40))
def test_a_suffix_gives_the_last_bytes(size, count):
    wanted = byte_range(f"bytes=-{count}", size)

    assert len(wanted or range(0)) == min(count, size)
    assert wanted is None or wanted.stop == size


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "pages=1-2",
        "bytes=1-2,5-6",
        "bytes=²-",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_a_header_that_is_no_single_range_of_bytes_gives_the_whole(header):
    wanted = byte_range(header, 100)

    assert wanted == range(100)
    assert range_status(wanted, 100) == 200 and "Content-Range" not in range_headers(wanted, 100)


def test_a_range_behind_the_end_is_refused_with_the_size():
    assert range_status(byte_range("bytes=100-", 100), 100) == 416
    assert range_headers(None, 100)["Content-Range"] == "bytes */100"
