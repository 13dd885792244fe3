// The recorder as a person sees it: one large button, the level, then listening back before it may be kept.

import { announce, gettext, make } from "../page.js";
import { clock } from "../parts/length.js";
import { NoMicrophone, Take, Wave, canRecord } from "./recorder.js";
import * as store from "./phone_store.js";

const HEARD = 0.85; // share of a recording that is listened to before it counts as heard

/**
 * Build a recorder inside `place`.
 *
 * begun(id):            called before the first second, to keep an entry of that id
 * kept(id, blob, seconds): called when somebody listened and said keep
 * dropped(id):          called when it is recorded again, or thrown away
 * words: {start, keep}
 */
export function booth(place, { begun, kept, dropped, words, busy = () => {} }) {
  let take = null;
  let shown = null; // {id, blob, seconds, url}
  const dead = canRecord() ? "" : gettext("This browser can't record here. Add files instead.");
  const warning = make("p", { class: "warning", role: "status" });
  const time = make("p", { class: "time", "aria-hidden": "true" }, "0:00");
  const main = make("button", { type: "button", class: "next", disabled: Boolean(dead) });
  const again = make("button", { type: "button", hidden: true }, gettext("Record again"));
  const stage = make("div", { class: "stage" });
  const act = make("div", { class: "booth" }, again, main);
  place.replaceChildren(stage, act);
  idle();

  function idle() {
    shown = null;
    stage.replaceChildren(warning);
    warning.textContent = dead;
    warning.classList.remove("bad");
    time.textContent = "0:00";
    again.hidden = true;
    main.textContent = `● ${words.start}`;
    main.disabled = Boolean(dead);
    main.onclick = begin;
    busy(false);
  }

  async function begin() {
    const id = store.newId();
    const wave = new Wave();
    stage.replaceChildren(wave.canvas, time, warning);
    warning.textContent = gettext("Wait …");
    main.disabled = true;
    busy(true);
    const now = new Take(id, {
      onLevel({ peak, warning: wrong }) {
        wave.add(peak, Boolean(wrong));
        time.textContent = clock(now.seconds);
        if (ready && warning.textContent !== wrong) warning.textContent = wrong || gettext("Speak now.");
        warning.classList.toggle("bad", Boolean(wrong));
      },
      onEnded(said) {
        if (take === now) end(said);
      },
    });
    let ready = false;
    try {
      await begun(id);
      await now.begin();
    } catch (problem) {
      await dropped(id);
      if (!(problem instanceof NoMicrophone)) throw problem;
      idle();
      warning.textContent = problem.message;
      return;
    }
    ready = true;
    take = now;
    warning.textContent = gettext("Speak now.");
    main.textContent = `■ ${gettext("Stop")}`;
    main.disabled = false;
    main.onclick = () => end("");
    main.focus();
  }

  async function end(said) {
    const now = take;
    take = null;
    main.disabled = true;
    const blob = await now.end();
    if (!blob) {
      await dropped(now.entry);
      idle();
      warning.textContent = gettext("Nothing was recorded. Try again.");
      return;
    }
    await store.change(now.entry, { state: "unheard", seconds: now.length });
    listen(now.entry, blob, now.length, said);
  }

  /** Play it back: it may be kept once it was heard. */
  function listen(id, blob, seconds, said) {
    shown = { id, blob, seconds, url: URL.createObjectURL(blob) };
    const audio = make("audio", {
      controls: true,
      src: shown.url,
      "aria-label": gettext("What was recorded"),
    });
    time.textContent = clock(seconds);
    warning.classList.remove("bad");
    warning.textContent = said || gettext("Listen to it, then keep it.");
    stage.replaceChildren(time, audio, warning);
    again.hidden = false;
    again.onclick = async () => {
      URL.revokeObjectURL(shown.url);
      await dropped(id);
      idle();
      begin();
    };
    main.textContent = `▶ ${gettext("Listen")}`;
    main.disabled = false;
    main.onclick = () => audio.play();
    const heardEnough = () => {
      let sum = 0;
      for (let span = 0; span < audio.played.length; span++)
        sum += audio.played.end(span) - audio.played.start(span);
      return sum >= HEARD * Math.min(seconds, Number.isFinite(audio.duration) ? audio.duration : seconds);
    };
    const look = () => {
      if (main.dataset.may || !heardEnough()) return;
      main.dataset.may = "yes";
      main.textContent = `✓ ${words.keep}`;
      warning.textContent = gettext("Good? Keep it. Else record again.");
      announce(warning.textContent);
      main.onclick = keep;
    };
    delete main.dataset.may;
    audio.addEventListener("timeupdate", look);
    audio.addEventListener("ended", look);
    audio.addEventListener("error", () => {
      warning.textContent = gettext("This can't be played here. Record it again.");
      warning.classList.add("bad");
    });
    main.focus();

    async function keep() {
      main.disabled = true;
      URL.revokeObjectURL(shown.url);
      await kept(id, blob, seconds);
      delete main.dataset.may;
      idle();
    }
  }

  return {
    /** Show one that broke off, or was not listened to. */
    show: (entry, blob) =>
      listen(
        entry.id,
        blob,
        entry.seconds || 0,
        gettext("This one was broken off. Listen to it, then keep it."),
      ),
    /** Whether a voice is being recorded, or waits to be heard. */
    busy: () => Boolean(take || shown),
    /** Stop without a word; what was recorded stays on the phone, to be heard later. */
    async leave() {
      if (take) {
        const now = take;
        take = null;
        await now.end();
        await store.change(now.entry, { state: "unheard", seconds: now.length });
      }
      if (shown) URL.revokeObjectURL(shown.url);
      idle();
    },
  };
}
