"""What leaves in any format comes back whole: every text, id and sample."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from tests.transcription.exchange.packages import packages, three
from transcription.exchange import ExchangeError, Format, Package, by_ending, read, write
from transcription.exchange.formats import ROWS_ENDING


def there_and_back(package: Package, form: Format, change: Callable[[bytes], bytes] = bytes) -> Package:
    files = write(package, form)
    rows = [file.data for file in files if file.name.endswith(ROWS_ENDING)]
    main = next(file for file in files if by_ending(file.name) is form)
    return read(change(main.data), form, rows=rows[0] if rows else None)


@pytest.mark.parametrize("form", [form for form in Format if form is not Format.EAF])
@settings(max_examples=150)
@given(package=packages())
def test_every_text_id_and_sample_comes_back(form: Format, package: Package) -> None:
    assert there_and_back(package, form) == package


@settings(max_examples=150)
@given(package=packages())
def test_what_xml_can_write_comes_back_and_what_it_cannot_is_refused_by_name(package: Package) -> None:
    try:
        data = write(package, Format.EAF)[0].data
    except ExchangeError as refusal:
        assert "which XML can't write" in str(refusal)
        assert any(
            (character < " " and character not in "\t\n") or character in "\ufffe\uffff"
            for item in package.items
            for character in item.text
        )
    else:
        assert read(data, Format.EAF) == package


@pytest.mark.parametrize("form", Format)
def test_a_file_saved_with_windows_line_ends_is_the_same_package(form: Format) -> None:
    def saved(data: bytes) -> bytes:
        return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    assert there_and_back(three(), form, saved) == three()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("form", [form for form in Format if form is not Format.EAF])
def test_a_file_saved_with_a_byte_order_mark_is_the_same_package(form: Format, encoding: str) -> None:
    def saved(data: bytes) -> bytes:
        return data.decode("utf-8-sig").encode(encoding)

    assert there_and_back(three(), form, saved) == three()


@pytest.mark.parametrize("form", Format)
def test_a_file_in_another_encoding_is_refused_with_the_mend(form: Format) -> None:
    def saved(data: bytes) -> bytes:
        return data + "é".encode("latin-1")

    with pytest.raises(ExchangeError, match=r"line \d+"):
        there_and_back(three(), form, saved)


@pytest.mark.parametrize("form", Format)
def test_a_file_larger_than_any_package_is_refused_before_it_is_read(
    form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transcription.exchange.encoding.MOST_BYTES", 2_000)

    with pytest.raises(ExchangeError, match="at most 2000"):
        there_and_back(three(), form, lambda data: data + b" " * 2_000)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"[]", b"<a/>", b'File type = "ooTextFile"', b"1\t2\t3"])
def test_what_is_no_package_is_refused_in_words(form: Format, data: bytes) -> None:
    with pytest.raises(ExchangeError):
        read(data, form, rows=b"")


@pytest.mark.parametrize("form", [form for form in Format if form is not Format.AUDACITY])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_of_half_a_file_no_half_text_is_taken(form: Format, share: float) -> None:
    whole = three()

    try:
        back = there_and_back(whole, form, lambda data: data[: int(len(data) * share)])
    except ExchangeError:
        return

    assert form in (Format.CSV, Format.TSV)  # a table may lose whole rows, and nobody can tell
    assert set(back.items) <= set(whole.items)


def test_files_are_known_by_their_ending() -> None:
    known = [by_ending(f"a{form.ending}") for form in Format]

    assert known == list(Format)
    assert by_ending("a.wav") is None
    assert by_ending(f"a{ROWS_ENDING}") is None
