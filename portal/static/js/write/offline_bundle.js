// @ts-check
// Clips for days without network: kept with their sound on this device, and the page to work on them.

import { ask, byId, gettext, isUnanswered, ngettext, Refused, Unreachable } from "../page.js";
import { seenBefore } from "../parts/settings.js";
import { actAsHolder } from "./holding.js";

const BUNDLE_SECONDS = 60; // that the server may take to find them

/**
 * @typedef {object} BundleParts
 * @property {import("./clip_cache.js").ClipCache} cache
 * @property {import("./draft_store.js").DraftStore} drafts
 * @property {(held: HeldClips) => void} changed called with what the person holds now
 * @property {() => Clip[]} toDo the clips at hand, the one in work first
 */

/** @type {HTMLDialogElement | null} */
let wired = null;

/** @param {BundleParts} parts */
export function openBundleDialog(parts) {
  const dialog = (wired ??= wire(parts));
  say("");
  dialog.showModal();
  offerReturn(parts);
}

/** @param {BundleParts} parts */
function wire(parts) {
  byId("bundle-take").addEventListener("click", () => withButton("bundle-take", parts, takeBundle));
  byId("bundle-return").addEventListener("click", () => withButton("bundle-return", parts, returnOthers));
  return byId("bundle");
}

/** @param {string} words */
function say(words) {
  byId("bundle-message").textContent = words;
}

/** Only what is neither in work nor next can be given back. @param {BundleParts} parts */
function offerReturn({ toDo }) {
  byId("bundle-return").hidden = toDo().length < 3;
}

/**
 * @param {string} id
 * @param {BundleParts} parts
 * @param {(parts: BundleParts) => Promise<void>} work
 */
async function withButton(id, parts, work) {
  byId(id).disabled = true;
  try {
    await work(parts);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    const cut = gettext("There is no network just now. What has come stays here; try again.");
    say(error instanceof Unreachable ? cut : error.message);
  } finally {
    byId(id).disabled = false;
    offerReturn(parts);
  }
}

/** @param {BundleParts} parts */
async function takeBundle({ cache, drafts, changed }) {
  if (!drafts.lasting) {
    const words = gettext("This browser keeps nothing on this device: clips can't be taken along.");
    throw new Refused(0, "nothing_kept", words);
  }
  say(gettext("Asking for clips"));
  const body = { count: Number(byId("bundle-count").value), hours: Number(byId("bundle-hours").value) };
  /** @type {HeldClips} */
  const held = await ask("/write/bundle", { method: "POST", body, seconds: BUNDLE_SECONDS });
  let done = 0;
  for (const clip of held.clips) {
    await cache.keep(clip);
    await cache.sound(clip);
    done += 1;
    const all = held.clips.length;
    say(
      ngettext(
        "%(done)s of %(num)s clip is on this device",
        "%(done)s of %(num)s clips are on this device",
        all,
        { done },
      ),
    );
  }
  await keepPage();
  await navigator.storage?.persist?.();
  changed(held);
  say(
    ngettext(
      "%(num)s clip is on this device. You can go.",
      "%(num)s clips are on this device. You can go.",
      done,
    ),
  );
}

/** @param {BundleParts} parts */
async function returnOthers({ cache, drafts, changed, toDo }) {
  const [, , ...others] = toDo();
  for (const clip of others) {
    const draft = await drafts.get("drafts", clip.slot);
    if (draft?.text.trim()) continue; // begun: it stays
    await actAsHolder(clip, "release");
    await cache.forget(clip.slot);
  }
  changed(await ask("/write/claim", { method: "POST", body: { want: 1 } }));
  say(gettext("The others are with the queue again."));
}

/** The page itself: the service worker gives it back when there is no network. */
async function keepPage() {
  if (!("caches" in window)) {
    const words = gettext("This address is not secure (https), so the page can't open without network.");
    throw new Refused(0, "no_worker", words);
  }
  await navigator.serviceWorker.ready;
  const response = await fetch("/write", { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || response.redirected) throw new Unreachable();
  // Opened later, its clips are those of today: the screen must then go by what this device keeps.
  const rendered = /"rendered": "([^"]+)"/.exec(await response.clone().text())?.[1];
  if (rendered) seenBefore(rendered);
  await (await caches.open("pages")).put("/write", response);
}
