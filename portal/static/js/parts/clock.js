// @ts-check
// Times of the day where the work is done, whatever the device's zone; lengths of sound.

import { page, gettext } from "../page.js";

const LOCALE = `${page.language}-IN-u-nu-latn`;
const CLOCK = new Intl.DateTimeFormat(LOCALE, {
  hour: "numeric",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "Asia/Kolkata",
});

/**
 * A moment as 13:04.
 *
 * @param {Date | number | string} moment
 */
export function timeOf(moment) {
  return CLOCK.format(new Date(moment));
}

/**
 * Seconds of sound as 7.4 s.
 *
 * @param {number} seconds
 */
export function secondsOf(seconds) {
  return gettext("%(figure)s s", { figure: figure(seconds) });
}

/**
 * A number as the reader writes it, with one decimal at most or as many as said.
 *
 * @param {number} number
 */
export function figure(number, decimals = 1) {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: decimals }).format(number);
}

/**
 * A length as players show it: 250.4 is 4:10.
 *
 * @param {number} seconds
 */
export function minutesOf(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
