// @ts-check
// The line at the top: whether there is network, and how much waits on this phone.

import { byId, gettext, make, ngettext } from "../page.js";
import * as queue from "./queue.js";
import { WAITING } from "./states.js";

export async function showStatus() {
  const { entries } = await queue.mine();
  const waiting = entries.filter((entry) => WAITING.has(entry.state)).length;
  const parts = [];
  const trouble = queue.trouble();
  if (trouble) {
    const signIn = queue.needsSignIn();
    const href = `/sign-in?back=${encodeURIComponent(location.pathname)}`;
    const words = signIn ? make("a", { href }, trouble) : trouble;
    parts.push(make("span", { class: signIn ? "state warn" : "" }, words));
  }
  if (waiting) parts.push(make("b", {}, ngettext("%(num)s waits here", "%(num)s wait here", waiting)));
  else if (entries.length) parts.push(make("span", { class: "state ok" }, gettext("All sent")));
  const line = byId("strip");
  const now = make("span", {}, ...parts);
  // What has not changed is not said again to whoever listens
  if (line.textContent !== now.textContent) line.replaceChildren(...now.childNodes);
}
