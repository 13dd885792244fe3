"""The box to write in, in a browser: its caret, its letters, its corrections."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_escape_leaves_the_box_with_the_caret_where_it_was(page):
    page.keyboard.insert_text("ఇది ఒక")
    page.keyboard.press("ArrowLeft")
    place = page.evaluate("() => document.getElementById('text').selectionStart")

    page.keyboard.press("Escape")
    expect(page.locator("#player")).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator("#loop")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    expect(page.locator("#player")).not_to_be_focused()
    page.locator("#player").focus()
    page.keyboard.press("Escape")

    expect(page.locator("#text")).to_be_focused()
    assert page.evaluate("() => document.getElementById('text').selectionStart") == place
    expect(page.locator("#text")).to_have_value("ఇది ఒక")


def test_latin_letters_become_the_script_in_the_middle_of_a_text_too(page):
    page.keyboard.insert_text("ఇది పరీక్ష")
    page.keyboard.press("Control+Space")
    expect(page.locator("#latin")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#latin-word")).not_to_contain_text("when it has come")
    for _ in range(len("పరీక్ష") // 2):
        page.keyboard.press("ArrowLeft")

    page.keyboard.type("amma ")

    expect(page.locator("#text")).to_have_value("ఇది అమ్మ పరీక్ష")
    assert page.evaluate("() => document.getElementById('text').selectionStart") == len("ఇది అమ్మ ")


def test_the_first_correction_is_taken_by_a_key_and_undone_by_another(page):
    page.keyboard.insert_text("ఇది  ఒక")
    expect(page.locator("#findings .mend")).to_have_count(1)

    page.keyboard.press("Alt+Enter")
    expect(page.locator("#text")).to_have_value("ఇది ఒక")
    page.keyboard.press("Control+z")

    expect(page.locator("#text")).to_have_value("ఇది  ఒక")


FARTHEST_APART = """() => {
  const mirror = document.getElementById("mirror");
  const plain = mirror.cloneNode(false);
  plain.textContent = mirror.textContent;
  mirror.parentNode.append(plain);
  const places = (root) => {
    const found = [], walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = document.createRange();
    const top = root.getBoundingClientRect().top;
    for (let node; (node = walker.nextNode()); )
      for (let at = 0; at < node.length; at++) {
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const box = range.getBoundingClientRect();
        found.push([box.left, box.top - top]);
      }
    return found;
  };
  const painted = places(mirror), typed = places(plain);
  plain.remove();
  const apart = ([x, y], index) => Math.max(Math.abs(x - typed[index][0]), Math.abs(y - typed[index][1]));
  return Math.max(...painted.map(apart));
}"""


@pytest.mark.parametrize(
    ("language", "direction", "text"),
    [
        ("te-IN", "ltr", "ఇది <noise> కార్యక్రమం 40 స్త్రీ సాఫ్ట్\u200cవేర్ <foreign>good</foreign> abcకలిసి <musik> చివర"),
        ("ur-IN", "rtl", "یہ ایک <noise> امتحان ہے abcکیا 40 روپے حال hello ہے۔"),
    ],
)
def test_painted_letters_lie_where_the_text_box_has_them(page, language, direction, text):
    page.evaluate(
        """([lang, dir]) => {
          for (const id of ["text", "mirror"]) Object.assign(document.getElementById(id), {lang, dir});
        }""",
        [language, direction],
    )
    page.keyboard.insert_text(text)
    expect(page.locator("#mirror .remark")).not_to_have_count(0)

    # In the box the same letters stand without chips and underlines: so does the caret.
    assert page.evaluate(FARTHEST_APART) < 1
    assert page.evaluate(
        "() => (({scrollHeight, clientHeight}) => scrollHeight <= clientHeight)(document.getElementById('text'))"
    )
