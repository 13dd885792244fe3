// @ts-check
// The players of the report: a clip, its versions side by side, its words lit as they are said.
"use strict";

document.documentElement.classList.add("live");
/** @type {NodeListOf<HTMLElement>} */
const places = document.querySelectorAll("[data-player]");
places.forEach(wirePlayer);

/** @param {HTMLElement} place */
function wirePlayer(place) {
  const sounds = [...place.querySelectorAll("audio")];
  const buttons = [...place.querySelectorAll(/** @type {"button"} */ ("button[data-sound]"))];
  /** @type {HTMLElement[]} */
  const words = [...place.querySelectorAll(/** @type {"span"} */ ("[data-start]"))];
  /** @type {HTMLAudioElement | null} */
  let current = null;

  function follow() {
    if (!current) return;
    const { currentTime, duration, paused } = current;
    const share = duration > 0 ? currentTime / duration : 0;
    place.style.setProperty("--at", `${(share * 100).toFixed(2)}%`);
    for (const word of words) {
      const said = currentTime >= Number(word.dataset.start) && currentTime < Number(word.dataset.end);
      word.classList.toggle("now", said);
    }
    if (!paused) requestAnimationFrame(follow);
  }

  function showState() {
    for (const button of buttons) {
      const playing = current === sounds[Number(button.dataset.sound)] && !current.paused;
      button.setAttribute("aria-pressed", String(playing));
      button.classList.toggle("playing", playing);
    }
    place.classList.toggle("heard", Boolean(current && !current.ended));
    place.dataset.now = current ? String(sounds.indexOf(current)) : "";
    follow();
  }

  /** @param {HTMLAudioElement} sound */
  function toggle(sound) {
    if (current === sound && !sound.paused) return sound.pause();
    for (const other of document.querySelectorAll("audio")) if (other !== sound) other.pause();
    if (current && current !== sound && !current.ended) sound.currentTime = current.currentTime;
    current = sound;
    sound.play().catch(() => place.classList.add("mute"));
  }

  for (const button of buttons) {
    button.addEventListener("click", () => toggle(sounds[Number(button.dataset.sound)]));
  }
  for (const sound of sounds) {
    sound.removeAttribute("controls");
    for (const event of ["play", "pause", "ended"]) sound.addEventListener(event, showState);
  }
  /** @type {NodeListOf<HTMLElement>} */
  const waves = place.querySelectorAll("[data-seek]");
  waves.forEach((wave) =>
    wave.addEventListener("click", ({ clientX }) => {
      const sound = sounds[Number(wave.dataset.seek)];
      const { left, width } = wave.getBoundingClientRect();
      if (!(sound.duration > 0)) return;
      sound.currentTime = ((clientX - left) / width) * sound.duration;
      current = sound;
      showState();
    }),
  );
}
