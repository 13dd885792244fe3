// @ts-check
// A reviewer's text, kept on this device until it is decided.

import { page } from "../page.js";
import { recall, remember } from "../parts/settings.js";

/** @typedef {{id: string | null, text: string}} Taken what the box began with; id null for what was proposed */
/** @typedef {{text: string, taken: Taken}} ReviewDraft */

/** @param {ReviewTask} task */
const nameOf = ({ slot, token }) => `boli-review-${page.person}-${slot}-${token}`;

/**
 * @param {ReviewTask} task
 * @returns {ReviewDraft | null}
 */
export function keptDraft(task) {
  return recall(nameOf(task));
}

/**
 * @param {ReviewTask} task
 * @param {ReviewDraft} draft
 */
export function keepDraft(task, draft) {
  remember(nameOf(task), draft);
}

/** @param {ReviewTask} task */
export function forgetDraft(task) {
  remember(nameOf(task), null);
}
