"""What people and their programs do to a package on the way: split, move, delete, add, and worse."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.transcription.exchange.packages import TEXTS, item, package_of, three, with_texts
from transcription.exchange import (
    ExchangeError,
    Format,
    Item,
    Package,
    SampleSpan,
    audacity,
    elan,
    labelstudio,
    read,
    tables,
    textgrid,
    write,
)
from transcription.exchange.package import MOST_ITEMS

LABELS = audacity.write(three()).decode()
ROWS = audacity.write_rows(three())


# TextGrid


def grid(*intervals: tuple[float, float, str]) -> bytes:
    """Our TextGrid with other intervals in its text tier, as Praat's short form has them."""
    rows = [line for line in textgrid.write(three()).decode().split("\n") if '"{' in line]
    lines = ['"ooTextFile"', '"TextGrid"', "0", "10", "<exists>", "2", '"IntervalTier"', '"text"', "0", "10"]
    lines += [str(len(intervals))]
    for start, end, text in intervals:
        lines += [str(start), str(end), f'"{text}"']
    lines += ['"IntervalTier"', '"boli"', "0", "10", str(len(rows))]
    for number, row in enumerate(rows):
        lines += [str(number * 3.5), str(number * 3.5 + 3), row.partition(" = ")[2]]
    return "\n".join(lines).encode()


def texts_of(package: Package) -> list[str]:
    return [each.text for each in package.items]


def test_a_clip_that_was_cut_into_words_is_one_text_again() -> None:
    back = textgrid.read(grid((0, 1, "వాన"), (1, 2, "బాగా"), (2, 3, ""), (3.5, 6.5, "పడింది")))

    assert texts_of(back) == ["వాన బాగా", "పడింది", ""]


def test_a_boundary_that_slipped_still_means_its_clip() -> None:
    back = textgrid.read(grid((0, 3.4, "ఒకటి"), (3.4, 6.6, "రెండు"), (6.6, 10, "మూడు")))

    assert texts_of(back) == ["ఒకటి", "రెండు", "మూడు"]


def test_a_text_between_clips_is_told_with_its_time() -> None:
    with pytest.raises(ExchangeError, match=r"3\.100 s: the text 'ఒక' lies in no clip"):
        textgrid.read(grid((0, 3, "ఒకటి"), (3.1, 3.4, "ఒక")))


def test_a_text_over_two_clips_is_never_guessed_to_be_of_one() -> None:
    with pytest.raises(ExchangeError, match="lies over clip-0 and clip-1"):
        textgrid.read(grid((0, 6.5, "ఒకటి రెండు")))


def test_a_clip_whose_row_was_deleted_is_left_out_and_a_damaged_row_is_named() -> None:
    lines = textgrid.write(three()).decode().split("\n")
    (last,) = [number for number, line in enumerate(lines) if "clip-2" in line]
    without = [*lines[:last], '            text = ""', *lines[last + 1 :]]
    damaged = [line.replace('""token"":3', '""token"":x') for line in lines]

    assert textgrid.read("\n".join(without).encode()).items == three().items[:2]
    with pytest.raises(ExchangeError, match=r"tier boli, 7\.000 s.*isn't as Boli wrote it"):
        textgrid.read("\n".join(damaged).encode())


def test_comments_other_tiers_and_points_are_passed_over() -> None:
    text = textgrid.write(three()).decode().replace("size = 2\n", 'size = 3 ! "a comment\n', 1)
    text += '    item [3]:\n        class = "TextTier"\n        name = "clicks"\n        xmin = 0\n        xmax = 10\n'
    text += (
        '        points: size = 1\n        points [1]:\n            number = 1.5\n            mark = "here"\n'
    )

    assert textgrid.read(text.encode()) == three()


@pytest.mark.parametrize(
    "bad",
    [
        b'File type = "ooTextFile"\nObject class = "Sound"\n',
        b"ooBinaryFile\x08TextGrid",
        b'File type = "ooTextFile"\nObject class = "TextGrid"\n0 1 <exists> 999999999999',
        b'File type = "ooTextFile"\nObject class = "TextGrid"\n0 1e999 <exists> 1',
        b'File type = "ooTextFile"\nObject class = "TextGrid"\n0 1 <exists> 1 "IntervalTier" "text" 0 1 1 1 0 "x"',
        b'File type = "ooTextFile"\nObject class = "TextGrid"\n0 1 <exists> 1 "' + b'""' * 100_000,
        b'File type = "ooTextFile"\nObject class = "TextGrid"\n0 1 <exists> 1 "a" "b" 0 1 200000 0 1 "x"',
    ],
)
def test_a_broken_textgrid_is_refused_in_words(bad: bytes) -> None:
    with pytest.raises(ExchangeError):
        textgrid.read(bad)


# ELAN


def test_a_new_annotation_beside_the_clips_own_belongs_to_it() -> None:
    """ELAN splits: the first part keeps the id, the second is new."""
    text = elan.write(three()).decode().replace('TIME_VALUE="3000"', 'TIME_VALUE="1000"')
    text = text.replace("<TIME_ORDER>", '<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="n" TIME_VALUE="3000"/>')
    new = (
        '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a9" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="n">'
        "<ANNOTATION_VALUE>మరి</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"
    )

    back = elan.read(text.replace("</TIER>", new, 1).encode())

    assert texts_of(back) == [f"{TEXTS[0]} మరి", *TEXTS[1:]]


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>',
        "<!DOCTYPE a>",
    ],
)
def test_document_types_and_entities_are_refused(declared: str) -> None:
    text = elan.write(three()).decode().replace("<ANNOTATION_DOCUMENT", f"{declared}<ANNOTATION_DOCUMENT", 1)

    with pytest.raises(ExchangeError, match="declares a document type"):
        elan.read(text.encode())


@pytest.mark.parametrize(
    "bad",
    [
        b"<a>" * 100,
        b"<ANNOTATION_DOCUMENT>" + b"<a/>" * 600_000 + b"</ANNOTATION_DOCUMENT>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"<a>\x00</a>",
        b"<a>&b;</a>",
        b"<html/>",
        b"<ANNOTATION_DOCUMENT/>",
    ],
)
def test_hostile_and_strange_xml_is_refused_in_words(bad: bytes) -> None:
    with pytest.raises(ExchangeError):
        elan.read(bad)


def test_an_elan_file_in_utf_16_is_read() -> None:
    text = elan.write(three()).decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')

    assert elan.read(text.encode("utf-16")) == three()


def test_elan_gets_whole_milliseconds_and_the_row_keeps_the_samples() -> None:
    package = package_of(item(0, "ఒకటి", SampleSpan(7, 22_058, 44_100)))

    data = elan.write(package)

    assert b'TIME_VALUE="0"' in data and b'TIME_VALUE="500"' in data  # 0.159 and 500.181 ms
    assert elan.read(data).items[0].ticket.place.span == SampleSpan(7, 22_058, 44_100)


# Audacity


def test_a_moved_label_keeps_its_clip_and_a_new_one_finds_its_own() -> None:
    labels = LABELS.replace("0.000000\t3.000000\t#1", "0.4\t9.9\t#1").replace(
        "7.000000\t10.000000\t#3 \n", "8\t8\tమూడు"
    )

    back = audacity.read(labels.encode(), ROWS)

    assert texts_of(back) == [*TEXTS[:2], "మూడు"]


def test_frequencies_and_decimal_commas_are_read() -> None:
    labels = LABELS.replace("3.000000", "3,000000").replace("\n", "\n\\\t100.0\t200.0\n")

    assert audacity.read(labels.encode(), ROWS) == three()


@pytest.mark.parametrize("bad", ["0.0\t1.0\t#9 x", "x\ty\tz", "1\t0\t#1 x", "1.0", "99\t100\tx"])
def test_a_label_that_is_none_is_named(bad: str) -> None:
    with pytest.raises(ExchangeError):
        audacity.read(bad.encode(), ROWS)


def test_labels_without_the_file_beside_them_say_what_is_missing() -> None:
    with pytest.raises(ExchangeError, match=r"boli\.json"):
        read(LABELS.encode(), Format.AUDACITY)


# Label Studio


def tasks(change: Callable[[list[dict[str, object]]], object]) -> bytes:
    parsed = json.loads(labelstudio.write(three()))
    change(parsed)
    return json.dumps(parsed).encode()


def annotation(text: object, **more: object) -> dict[str, object]:
    result = [{"from_name": "transcription", "to_name": "audio", "type": "textarea", "value": {"text": text}}]
    return {"result": result, **more}


def test_an_annotation_counts_before_the_text_that_was_given() -> None:
    data = tasks(lambda all_of_them: all_of_them[0].update(annotations=[annotation(["ఒక మాట"])]))

    assert texts_of(labelstudio.read(data)) == ["ఒక మాట", *TEXTS[1:]]


def test_a_skipped_task_has_no_text_and_a_cleared_one_neither() -> None:
    def change(all_of_them: list[dict[str, object]]) -> None:
        all_of_them[0].update(annotations=[annotation(["ఒక"], was_cancelled=True)])
        all_of_them[1].update(annotations=[{"result": []}])

    assert texts_of(labelstudio.read(tasks(change))) == ["", "", ""]


def test_of_two_peoples_annotations_none_is_guessed_to_be_right() -> None:
    data = tasks(
        lambda all_of_them: all_of_them[0].update(annotations=[annotation(["ఒకటి"]), annotation(["రెండు"])])
    )

    with pytest.raises(ExchangeError, match="2 annotations with different texts"):
        labelstudio.read(data)


def test_a_sounds_address_gets_its_prefix_and_the_package_comes_back_the_same() -> None:
    data = labelstudio.write(three(), "https://sound.example/clips/")

    assert json.loads(data)[0]["data"]["audio"] == "https://sound.example/clips/package.wav"
    assert labelstudio.read(data) == three()


@pytest.mark.parametrize(
    "bad",
    [
        b"[" * 200_000,
        b"[NaN]",
        b"[1" + b"0" * 10_000 + b"]",
        b'[{"data": {"boli": 3}}]',
        b'[{"data": {}}]',
        b'[{"boli": "{}"}]',
        b"[3]",
        b"{}",
        tasks(lambda all_of_them: all_of_them[0].update(annotations=[annotation([3])])),
        tasks(lambda all_of_them: all_of_them[0].update(annotations=[annotation(["\ud800"])])),
        tasks(lambda all_of_them: all_of_them[0].update(annotations={"a": 1})),
    ],
)
def test_strange_json_is_refused_in_words(bad: bytes) -> None:
    with pytest.raises(ExchangeError):
        labelstudio.read(bad)


# Tables


def test_common_voices_columns_come_first_and_say_what_they_say_there() -> None:
    header, first = (line.split("\t") for line in tables.write_tsv(three()).decode().split("\n")[:2])

    assert header[:13] == list(tables.COMMON_VOICE)
    row = dict(zip(header, first, strict=True))
    assert (row["client_id"], row["path"], row["sentence"], row["locale"]) == (
        "te-001",
        "package.wav",
        TEXTS[0],
        "te",
    )


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_of_another_country_is_read(delimiter: str) -> None:
    import csv
    from io import StringIO

    rows = list(csv.reader(StringIO(tables.write_csv(three()).decode("utf-8-sig"), newline="")))
    out = StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([*rows, ["" for _ in rows[0]]])

    assert tables.read_csv(out.getvalue().encode()) == three()


def test_columns_may_change_places_and_others_may_be_added() -> None:
    lines = [line.split("\t") for line in tables.write_tsv(three()).decode().split("\n")[:-1]]
    turned = ["\t".join([*reversed(line), "extra"]) for line in lines]

    assert tables.read_tsv("\n".join(turned).encode()) == three()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("slot,", "place,", 1),
        lambda text: text.replace(",44100,", ",44100.5,"),
        lambda text: text.replace(",44100,", ",44.100,"),
        lambda text: text.replace("asha", "ravi", 1),
        lambda text: text + '"unfinished',
        lambda text: text + text.split("\r\n")[1].replace("నేను", "మేము") + "\r\n",
        lambda text: text + "a,b\r\n",
        lambda text: text + '"' + "x" * 200_000 + '"\r\n',
    ],
)
def test_a_table_that_lost_its_sense_is_refused_with_line_or_column(change: Callable[[str], str]) -> None:
    text = tables.write_csv(three()).decode("utf-8-sig")
    assert change(text) != text

    with pytest.raises(ExchangeError, match=r"line|column|mixes|twice"):
        tables.read_csv(change(text).encode())


# Every format


def test_a_row_that_stands_there_twice_counts_once() -> None:
    text = tables.write_csv(three()).decode("utf-8-sig")

    assert tables.read_csv((text + text.split("\r\n")[1] + "\r\n").encode()) == three()


def test_a_package_has_at_least_one_clip_and_not_too_many() -> None:
    one = three().items[0]

    for items in ((), (one,) * (MOST_ITEMS + 1)):
        with pytest.raises(ExchangeError, match="1 to 10000"):
            replace(three(), items=items)


@pytest.mark.parametrize("text", ["a\0", "a\rb", "\ud800", "x" * 50_001])
def test_no_text_holds_what_no_text_has(text: str) -> None:
    with pytest.raises(ExchangeError, match="clip-0"):
        Item(three().items[0].ticket, text)


@pytest.mark.parametrize("form", [Format.TEXTGRID, Format.EAF, Format.AUDACITY])
def test_clips_of_several_sounds_become_a_file_each(form: Format) -> None:
    first, second, third = three().items
    elsewhere = replace(third.ticket, place=replace(third.ticket.place, sound="recording-2"))
    package = package_of(first, second, Item(elsewhere, third.text))

    names = [file.name for file in write(package, form)]

    assert names[:2] == [f"package{form.ending}", f"recording-2{form.ending}"]


def test_clips_that_overlap_are_refused_where_a_tier_would_lose_one() -> None:
    package = package_of(item(0, "a", SampleSpan(0, 10, 16_000)), item(1, "b", SampleSpan(9, 20, 16_000)))

    with pytest.raises(ExchangeError, match="clip-0 and clip-1 overlap"):
        textgrid.write(package)
    assert read(write(package, Format.CSV)[0].data, Format.CSV) == package


def test_whoever_changes_nothing_has_changed_nothing() -> None:
    package = package_of(item(0, "ఒకటి", SampleSpan(0, 9, 8_000), given="ఒకటి"))

    assert not package.items[0].changed
    assert with_texts(package, "రెండు").items[0].changed
