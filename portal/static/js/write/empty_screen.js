// @ts-check
// What stands on the screen where no clip does, and what to do about it.

import { byId, gettext, ngettext } from "../page.js";
import { notice } from "../parts/notices.js";

/**
 * @param {string} title
 * @param {string} then
 */
function showEmpty(title, then) {
  byId("work").hidden = true;
  byId("nothing-title").textContent = title;
  byId("nothing-then").textContent = then;
  byId("nothing").hidden = false;
  byId("nothing").focus({ preventScroll: true });
}

/** The page stands before its script does: until now nothing could be pressed that would do nothing, or typed and lost. */
export function showClip() {
  byId("nothing").hidden = true;
  byId("work").inert = false;
  byId("work").hidden = false;
}

export function showWaiting() {
  showEmpty(gettext("The next clip is on its way."), "");
}

/**
 * @param {number} waiting texts that wait to be sent
 * @param {Nothing | null} nothing what the server says
 */
export function showRunOut(waiting, nothing) {
  if (waiting) {
    const words = ngettext(
      "%(num)s text waits for the network and is sent by itself.",
      "%(num)s texts wait for the network and are sent by themselves.",
      waiting,
    );
    showEmpty(gettext("Every clip on this device is written."), words);
  } else if (nothing) showEmpty(nothing.title, nothing.then);
  else {
    const words = gettext("The next clip comes when there is network again. Nothing is lost.");
    showEmpty(gettext("No network just now."), words);
  }
}

/**
 * No clip comes to this page any more.
 *
 * @param {"guideline" | "project"} why
 */
export function showOutdated(why) {
  if (why === "guideline") {
    const words = gettext("Load this page again to work by it.");
    showEmpty(gettext("The guideline has a new version."), words);
  } else showEmpty(gettext("Another project was chosen."), gettext("Load this page again to work on it."));
  byId("look-again").textContent = gettext("Load again");
  byId("look-again").onclick = () => location.reload();
}

export function showOtherTab() {
  const words = gettext("One tab at a time holds the desk, so that no words cross.");
  showEmpty(gettext("You are writing in another tab."), words);
  byId("look-again").textContent = gettext("Write here");
}

const reload = () => ({ label: gettext("Load again"), act: () => location.reload() });

export function noticeOtherProject() {
  const words = gettext("Another project was chosen. This page is still at the one before.");
  notice(words, { action: reload() });
}

/**
 * Nothing can be sent, and what to do about it.
 *
 * @param {string | null} why of the outbox
 */
export function noticeHeld(why) {
  if (why === "signed-out") {
    const signIn = { label: gettext("Sign in"), act: () => (location.href = "/sign-in?back=/write") };
    const words = gettext(
      "You are signed out. Your words are kept on this device; sign in and they are sent.",
    );
    notice(words, { kind: "bad", action: signIn });
  } else if (why === "old-page") {
    const words = gettext("This page is too old to send. Your words are kept on this device.");
    notice(words, { kind: "bad", action: reload() });
  }
}
