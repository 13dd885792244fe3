// @ts-check
// The first sound does not wait for the rest of the screen: this small file comes first, brings it and plays it.
// write.js takes it over as it plays. A page kept from earlier plays nothing: its clip may be another's by now.

// It is loaded with `async`, or it would wait for every other script; so the page may not be read to its end yet.
if (document.readyState === "loading") {
  await new Promise((read) => document.addEventListener("readystatechange", read, { once: true }));
}

/** @type {PageData} */
const page = JSON.parse(document.getElementById("page")?.textContent || "{}");
const sound = /** @type {HTMLAudioElement} */ (document.getElementById("sound"));

/** @param {string} name */
function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // a browser that keeps nothing
  }
}

/**
 * @param {Clip} clip
 * @returns {Promise<Blob | null>}
 */
async function bring(clip) {
  const response = await fetch(clip.preview, { priority: "high" });
  if (!response.ok) return null;
  const blob = await response.blob();
  const chosen = JSON.parse(recall("boli-desk") || "{}");
  sound.src = URL.createObjectURL(blob);
  sound.defaultPlaybackRate = sound.playbackRate = chosen.speed || 1;
  if (!document.hidden && chosen.autoplay !== false) sound.play().catch(() => {}); // or the screen asks for a key first
  return blob;
}

const [clip] = page.desk.clips;
const mine = clip && recall("boli-desk-page") !== page.rendered;

/** The clip that was begun, or null; and its sound as it comes: null where it did not. */
export const first = mine
  ? { slot: clip.slot, token: clip.token, sound: bring(clip).catch(() => null) }
  : null;
