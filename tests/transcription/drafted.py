"""Drafts of a village's clips, as the flow keeps them."""

from tests.transcription.village import Village, after
from transcription.drafts.keeping import HeardText, keep_draft
from transcription.slots.sampling import falls_in

MODEL = "onnx:0123456789ab"
DRAFTS = {"drafts": True, "blind_share": 0.2}


def draft_all(village: Village, text: str = "వాన బాగ పడింది", *, model: str = MODEL) -> None:
    """The machine hears the same in every clip."""
    with village.catalog.writing() as session:
        for clip_id in village.clips:
            assert keep_draft(session, clip_id, model, HeardText(text, 0.9), now=after(0))


def blind_of(village: Village) -> set[str]:
    share = village.context.project.prefill.blind_share
    return {clip_id for clip_id in village.clips if falls_in(share, "blind draft", clip_id)}
