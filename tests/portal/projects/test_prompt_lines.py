"""Prompts that are added and taken out again leave the others as they were, and no name becomes another's."""

from hypothesis import given
from hypothesis import strategies as st

from portal.projects.prompt_lines import PromptId, with_added, without
from portal.record.prompts import Prompt, PromptSet

texts = st.lists(
    st.text("అఆఇకగచ ", min_size=1, max_size=12).map(str.strip).filter(bool), min_size=1, unique=True
)
titles = st.sampled_from(["పండుగ", "సంత", "వాన"])
OWN = (
    PromptSet("own-1", "పండుగ", (Prompt("1", "text", "z1"), Prompt("2", "text", "z2"))),
    PromptSet("by-hand", "వాన", (Prompt("a", "question", "z3"),)),
)


@given(titles, texts)
def test_what_was_added_and_taken_out_again_leaves_what_was_there(title, words):
    sets, added = with_added(OWN, title, "text", words)

    assert without(sets, added) == OWN
    assert [each for one in sets for each in one.prompts if each.text in words]
    assert len(added) == len(set(added)) == len(words)


@given(titles, texts, st.data())
def test_a_name_that_was_taken_out_is_never_given_to_other_words(title, words, data):
    sets, added = with_added((), title, "text", words)
    out = data.draw(st.sets(st.sampled_from(added), min_size=1))
    left = without(sets, out)
    more = [f"{word}య" for word in words if f"{word}య" not in words]

    again, _ = with_added(left, title, "text", more)

    before = {PromptId(one.name, each.name): each.text for one in sets for each in one.prompts}
    after = {PromptId(one.name, each.name): each.text for one in again for each in one.prompts}
    assert all(after[name] == text for name, text in before.items() if name in after)
