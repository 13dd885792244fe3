// What a speaker is asked, one thing at a time: a text to read, a picture to describe, a question, or nothing at all.

import { gettext, make, page } from "../page.js";

export function prompts({ set, prompt, steps, place, before, after }) {
  let sets = [];
  let language = "";
  let number = 0;

  const chosen = () => sets[Number(set.value)]; // undefined for free speech
  set.onchange = () => step(0);
  before.onclick = () => step(number - 1);
  after.onclick = () => step(number + 1);

  function step(to) {
    const now = chosen();
    steps.hidden = !now;
    if (!now) {
      prompt.replaceChildren(make("p", { class: "quiet" }, gettext("They speak of whatever they like.")));
      return;
    }
    number = (to + now.prompts.length) % now.prompts.length;
    const { kind, text, picture } = now.prompts[number];
    const hint = {
      text: gettext("Read it aloud:"),
      picture: gettext("Let them tell what they see:"),
      question: gettext("Ask them:"),
    }[kind];
    prompt.replaceChildren(
      make("p", { class: "quiet" }, hint),
      make("p", { class: "said", lang: language, dir: "auto" }, text),
      ...(picture
        ? [
            make("img", {
              src: picture,
              alt: gettext("The picture to be described"),
              width: 320,
              height: 200,
            }),
          ]
        : []),
    );
    place.textContent = `${number + 1} / ${now.prompts.length}`;
  }

  return {
    /** Show the prompts of a language, beginning at `set/prompt`. Gives whether there are any. */
    open(code, at) {
      sets = page.books[code] || [];
      language = code;
      const [setName, name] = (at || "").split("/");
      const found = sets.findIndex((each) => each.name === setName);
      const kept = set.value;
      set.replaceChildren(
        make("option", { value: "free" }, gettext("Whatever they like")),
        ...sets.map((each, index) => make("option", { value: index, lang: code }, each.title)),
      );
      if (found >= 0) set.value = String(found);
      else if (kept && sets[Number(kept)]) set.value = kept;
      else set.value = sets.length ? "0" : "free";
      step(
        found >= 0
          ? Math.max(
              0,
              sets[found].prompts.findIndex((each) => each.name === name),
            )
          : number,
      );
      return sets.length > 0;
    },
    now() {
      const now = chosen();
      return now
        ? { prompt: `${now.name}/${now.prompts[number].name}`, title: now.title }
        : { prompt: null, title: gettext("free speech") };
    },
    /** To the one after; gives false where all of the set were asked. */
    next() {
      const now = chosen();
      if (!now || number + 1 >= now.prompts.length) return false;
      step(number + 1);
      return true;
    },
    /** Nothing is changed while a voice is recorded, and the prompt has the room. */
    lock(is) {
      set.parentElement.hidden = is;
    },
  };
}
