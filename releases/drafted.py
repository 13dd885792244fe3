"""What a row says of the machine draft that its writer began with."""

from rapidfuzz.distance import Levenshtein

from releases.rows import canonical
from transcription.text import verbatim

MADE_UNHEARABLE = "redaction"
"""Origin of a text from which a part was taken out: the draft may still hold it."""


def draft_mark(model: str, draft: str, accepted: str, origin: str, *, with_text: bool) -> str:
    """JSON: which model, and how many characters people changed; with its text where the dataset carries the pairs.

    >>> draft_mark("onnx:0123456789ab", "వాన పడిండి", "వాన పడింది", "single", with_text=True)
    '{"edits":1,"model":"onnx:0123456789ab","text":"వాన పడిండి"}'
    """
    edits = Levenshtein.distance(verbatim(draft), accepted)
    said: dict[str, object] = {"model": model, "edits": edits}
    if with_text and origin != MADE_UNHEARABLE:
        said["text"] = draft
    return canonical(said).decode()
