// @ts-check
// News in this browser, by Web Push: off until somebody switches it on here. Nothing asks for leave by itself.

import { ask, byId } from "./page.js";
import { sameBytes, urlBytes } from "./parts/url_bytes.js";

/** @typedef {"off" | "on" | "wait" | "blocked" | "failed" | "none"} State */

/** @type {HTMLElement} */
const box = byId("browser");
const key = urlBytes(box.dataset.key || "");

/** @param {State} state */
function show(state) {
  for (const part of box.querySelectorAll("[data-state]"))
    part.toggleAttribute("hidden", part.getAttribute("data-state") !== state);
}

/** @returns {Promise<State>} */
async function found() {
  // Plain http, or a browser that has no push: nothing is promised.
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "none";
  if (Notification.permission === "denied") return "blocked";
  const kept = await subscription();
  return kept && isOurs(kept) && box.dataset.here === "yes" ? "on" : "off";
}

async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration ? registration.pushManager.getSubscription() : null;
}

/**
 * One that was made for another key is of an installation that is no more.
 *
 * @param {PushSubscription} kept
 */
function isOurs(kept) {
  const made = kept.options.applicationServerKey;
  return !!made && sameBytes(new Uint8Array(made), key);
}

/** @returns {Promise<State>} */
async function switchOn() {
  const allowed = await Notification.requestPermission();
  if (allowed !== "granted") return allowed === "denied" ? "blocked" : "off";
  await navigator.serviceWorker.register("/sw.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  if (before && !isOurs(before)) await before.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  try {
    await ask("/news/browser", {
      method: "POST",
      body: { endpoint, p256dh: keys?.p256dh, auth: keys?.auth },
    });
  } catch (error) {
    await made.unsubscribe(); // nobody would ever use it
    throw error;
  }
  box.dataset.here = "yes";
  return "on";
}

/** @returns {Promise<State>} */
async function switchOff() {
  await ask("/news/browser/end", { method: "POST" });
  box.dataset.here = "no";
  await (await subscription())?.unsubscribe();
  return "off";
}

/** @param {() => Promise<State>} change */
async function then(change) {
  show("wait");
  try {
    show(await change());
  } catch {
    show("failed");
  }
}

byId("browser-on").addEventListener("click", () => then(switchOn));
byId("browser-off").addEventListener("click", () => then(switchOff));
then(found);
