"""Label Studio: one task a clip, the text so far as a prediction, the row in `data.boli` as a line of JSON.

JSON holds every character. Read: what Label Studio exports as JSON or JSON-MIN, and what `write` wrote. A person's
annotation counts before the prediction; a skipped one leaves the clip without a text; of two annotations by two people
none is guessed to be the right one. `LABEL_CONFIG` is the labelling interface that fits.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from transcription.exchange.encoding import decoded
from transcription.exchange.package import MOST_ITEMS, ExchangeError, Item, Package, clean_text, require_once
from transcription.exchange.ticket import TicketRow, as_line, from_line, package_of, rows_of

FIELD = "transcription"
AUDIO = "audio"
_JSON_MIN = frozenset(
    {AUDIO, "clip", "language", "speaker", "guideline", "note", "boli"}
    | {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}
)
"""Fields of a task in JSON-MIN, ours and Label Studio's own, where nothing was written."""
LABEL_CONFIG = f"""<View>
  <Audio name="{AUDIO}" value="${AUDIO}"/>
  <Text name="note" value="$note"/>
  <TextArea name="{FIELD}" toName="{AUDIO}" rows="4" editable="true" maxSubmissions="1" required="false"/>
</View>
"""


def write(package: Package, sound_prefix: str = "") -> bytes:
    """Tasks to import into Label Studio.

    sound_prefix: what comes before a sound's name in its address, such as https://host/clips/ or
                  /data/local-files/?d=clips/; none where the sound lies beside
    """
    rows = rows_of(package, package.items)
    tasks = [_task(item, row, sound_prefix) for item, row in zip(package.items, rows, strict=True)]
    return (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()


def read(data: bytes) -> Package:
    """The package in tasks as Label Studio, or `write`, wrote them. Raises ExchangeError."""
    try:
        tasks = json.loads(decoded(data), parse_constant=_refuse_constant, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError(f"the file isn't JSON as Label Studio exports it: {error}.") from error
    if not isinstance(tasks, list) or len(tasks) > MOST_ITEMS:
        raise ExchangeError(
            f"a list of up to {MOST_ITEMS} tasks is expected.\nIn Label Studio: Export, JSON."
        )
    return package_of([_read_task(task, f"task {number}") for number, task in enumerate(tasks, 1)])


def _task(item: Item, row: TicketRow, sound_prefix: str) -> dict[str, Any]:
    data = {
        AUDIO: sound_prefix + quote(row.sound),
        "clip": row.clip,
        "language": row.language,
        "speaker": row.speaker,
        "guideline": row.guideline,
        "note": row.note,
        "boli": as_line(row),
    }
    if not item.text:
        return {"data": data}
    value = {"text": [item.text]}
    result = {"id": "text", "from_name": FIELD, "to_name": AUDIO, "type": "textarea", "value": value}
    return {"data": data, "predictions": [{"model_version": "text so far", "result": [result]}]}


def _read_task(task: object, where: str) -> tuple[TicketRow, str]:
    if not isinstance(task, dict):
        raise ExchangeError(f"{where}: a task is an object, given {str(task)[:40]!r}.")
    data = task.get("data")
    line = data.get("boli") if isinstance(data, dict) else task.get("boli")
    if not isinstance(line, str):
        raise ExchangeError(
            f"{where}: data.boli is missing: it says whose clip this is.\n"
            "Keep every field of the task as it was exported."
        )
    row = from_line(line, f"{where}, data.boli")
    return row, clean_text(
        _flat(task, where) if not isinstance(data, dict) else _text(task, f"{where} ({row.clip})")
    )


def _flat(task: dict[str, Any], where: str) -> str:
    """The text of a JSON-MIN task: a string, a list of strings, or neither, where nothing was written."""
    if FIELD not in task:
        others = [name for name in task if name not in _JSON_MIN]
        if others:
            require_once((FIELD,), others, "field")
    return _strings(task.get(FIELD, ""), where)


def _text(task: dict[str, Any], where: str) -> str:
    annotations = [
        each for each in _objects(task.get("annotations"), where) if each.get("was_cancelled") is not True
    ]
    texts = list(dict.fromkeys(_result(each, where) for each in annotations))
    if len(texts) > 1:
        raise ExchangeError(
            f"{where} has {len(texts)} annotations with different texts.\n"
            "Export those of the one person who hands them in, or delete the others in Label Studio."
        )
    if texts:
        return texts[0]
    if task.get("annotations"):
        return ""  # skipped
    ours = [_result(each, where) for each in _objects(task.get("predictions"), where)]
    return ours[0] if ours else ""


def _result(annotation: dict[str, Any], where: str) -> str:
    results = [
        each
        for each in _objects(annotation.get("result"), where)
        if isinstance(each.get("value"), dict) and "text" in each["value"]
    ]
    found = [_strings(each["value"]["text"], where) for each in results if each.get("from_name") == FIELD]
    if results and not found:
        require_once((FIELD,), [str(each.get("from_name")) for each in results], "field")
    return " ".join(text for text in found if text)


def _objects(value: object, where: str) -> Iterator[dict[str, Any]]:
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(each, dict | int) for each in value):
        raise ExchangeError(f"{where}: a list of objects is expected, given {str(value)[:40]!r}.")
    yield from (
        each for each in value if isinstance(each, dict)
    )  # some exports name predictions by number only


def _strings(value: object, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    raise ExchangeError(f"{where}: the text is a string or a list of strings, given {str(value)[:40]!r}.")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        require_once((twice,), names, "field")
    return dict(pairs)


def _refuse_constant(name: str) -> None:
    raise ExchangeError(f"{name} is no value of JSON. Export again.")
