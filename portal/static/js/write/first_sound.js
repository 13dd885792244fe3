// The first sound does not wait for the rest of the desk: this small file comes first, brings it and plays it.
// desk.js takes it over as it plays. A page kept from earlier plays nothing: its clip may be another's by now.

// It is loaded with `async`, or it would wait for every other script; so the page may not be read to its end yet.
if (document.readyState === "loading")
  await new Promise((read) => document.addEventListener("readystatechange", read, { once: true }));

const told = JSON.parse(document.getElementById("page").textContent);
const sound = document.getElementById("sound");

function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

async function bring(clip) {
  const answer = await fetch(clip.preview, { priority: "high" });
  if (!answer.ok) return null;
  const blob = await answer.blob();
  const chosen = JSON.parse(kept("boli-desk") || "{}");
  sound.src = URL.createObjectURL(blob);
  sound.defaultPlaybackRate = sound.playbackRate = chosen.speed || 1;
  if (!document.hidden && chosen.autoplay !== false) sound.play().catch(() => {}); // or the desk asks for a key first
  return blob;
}

const [clip] = told.desk.clips;
const mine = clip && kept("boli-desk-page") !== told.rendered;

/** The clip that was begun, or null; and its sound as it comes: null where it did not. */
export const first = mine
  ? { slot: clip.slot, token: clip.token, sound: bring(clip).catch(() => null) }
  : null;
