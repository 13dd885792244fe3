// The line at the top: whether there is network, and how much waits on this phone.

import { byId, gettext, make, ngettext } from "../page.js";
import * as queue from "./queue.js";

export async function showStrip() {
  const { entries } = await queue.mine();
  const waiting = entries.filter((entry) => ["kept", "sending", "unheard"].includes(entry.state)).length;
  const parts = [];
  if (queue.trouble) {
    const signIn =
      queue.trouble === gettext("Sign in to send") ||
      queue.trouble === gettext("Sign in as yourself to send");
    const words = signIn
      ? make("a", { href: `/sign-in?back=${encodeURIComponent(location.pathname)}` }, queue.trouble)
      : queue.trouble;
    parts.push(make("span", { class: signIn ? "state warn" : "" }, words));
  }
  if (waiting) parts.push(make("b", {}, ngettext("%(num)s waits here", "%(num)s wait here", waiting)));
  else if (entries.length) parts.push(make("span", { class: "state ok" }, gettext("All sent")));
  const strip = byId("strip");
  const before = strip.textContent;
  const now = make("span");
  now.append(...parts);
  if (before !== now.textContent) strip.replaceChildren(...parts);
}
