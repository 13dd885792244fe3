from tests.transcription.village import SENTENCES, guidelines
from transcription.decisions.grounds import Ground
from transcription.decisions.weighing import Opinion, weigh

RIGHT = "మా ఊరి చెరువు నిండింది"
SLIP = "మా ఊరి చెరువు నిండిందీ"
"""One letter of the right text is another."""


def opinions(*texts: str, reliability: tuple[float, ...] = (0.8, 0.8, 0.8)) -> list[Opinion]:
    return [
        Opinion(f"s{number}", f"p{number}", text, reliability[number]) for number, text in enumerate(texts)
    ]


def test_two_agree_within_the_threshold_and_the_more_trusted_is_taken() -> None:
    given = opinions(SLIP, RIGHT, reliability=(0.6, 0.9, 0.0))

    proposal = weigh(given, guidelines()["te"], threshold=0.1, measure="cer")

    assert proposal.agreed and proposal.verbatim == RIGHT and proposal.origin == "agreement"
    assert proposal.error is not None and 0 < proposal.error <= 0.1


def test_three_are_voted_on_word_by_word() -> None:
    given = opinions("నేను రేపు ఊరికి వెళ్తాను అన్నా", "నేను రేపు ఇంటికి వెళ్తాను అన్నా", "నేను నిన్న ఊరికి వెళ్తాను అన్నా")

    proposal = weigh(given, guidelines()["te"], threshold=0.2, measure="cer")

    assert proposal.agreed and proposal.verbatim == "నేను రేపు ఊరికి వెళ్తాను అన్నా"


def test_words_in_doubt_do_not_pass_where_the_project_allows_few() -> None:
    given = opinions(SLIP, RIGHT, reliability=(0.9, 0.9, 0.0))

    proposal = weigh(given, guidelines()["te"], threshold=0.1, measure="cer", doubt=0.03)
    third = weigh([*given, opinions(RIGHT)[0]], guidelines()["te"], threshold=0.1, measure="cer", doubt=0.03)

    assert not proposal.agreed and proposal.near and "1 of 4 words differ" in proposal.because
    assert third.agreed and third.verbatim == RIGHT


def test_the_same_text_of_two_who_are_hardly_known_is_told_apart_from_words_that_differ() -> None:
    guideline = guidelines()["te"]

    def ground(*texts: str) -> Ground:
        given = opinions(*texts, reliability=(0.6, 0.6, 0.0))
        (found,) = weigh(given, guideline, threshold=0.1, measure="cer", doubt=0.001).grounds
        return found

    assert ground(RIGHT, RIGHT) is Ground.ALIKE
    assert ground(RIGHT, SLIP) is Ground.WORDS


def test_three_strangers_agree_on_nothing() -> None:
    proposal = weigh(opinions(*SENTENCES[:3]), guidelines()["te"], threshold=0.1, measure="cer")

    assert not proposal.agreed and proposal.origin == "dispute"
