"""Acts that stay in the table when their month goes to the store: decisions ask for them, however old they are."""

AGE_SETTLED = "speaker.age_settled"
FILE_RECEIVED = "upload.received"
FILE_REJECTED = "upload.rejected"
RECORDING_CUT = "recording.segmented"
RECORDING_REJECTED = "recording.rejected"
SAMPLES_DONE = "demo.work_done"
SECOND_LOOK_ASKED = "review.asked"
SPEAKER_WRITTEN_DOWN = "speaker.written_down"

STILL_ASKED = frozenset(
    {
        AGE_SETTLED,  # a list does not change what a person has settled
        FILE_RECEIVED,  # the books: what came in
        FILE_REJECTED,  # the report of some days: what was turned away in them
        RECORDING_CUT,
        RECORDING_REJECTED,
        SAMPLES_DONE,
        SECOND_LOOK_ASKED,  # why a reviewer is asked; a second look is asked for once
        SPEAKER_WRITTEN_DOWN,  # a form that is sent twice registers one speaker
    }
)
"""Few for each file or speaker, both of which have rows of their own for good."""
