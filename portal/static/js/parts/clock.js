// Times of the day where the work is done, whatever the device's zone.

import { page, gettext } from "../page.js";

const shape = new Intl.DateTimeFormat(`${page.language}-IN-u-nu-latn`, {
  hour: "numeric",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "Asia/Kolkata",
});

/** A moment as 13:04. */
export function timeOf(moment) {
  return shape.format(new Date(moment));
}

/** Seconds of sound as 7.4 s. */
export function secondsOf(seconds) {
  const figure = new Intl.NumberFormat(`${page.language}-IN-u-nu-latn`, { maximumFractionDigits: 1 }).format(
    seconds,
  );
  return gettext("%(figure)s s", { figure });
}

/** A name for one sending, that nobody else gives. */
export function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
