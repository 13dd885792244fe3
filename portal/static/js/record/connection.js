// @ts-check
// Whether the server can be reached. Of the connections that a browser keeps idle any may be dead without its knowing: a
// network that went away closes none. Asked over all at once, the first answer comes over a live one, and the dead are
// given up together.

import { Refused, Unreachable, ask } from "../page.js";

const CONNECTIONS = 5; // of the six that a browser keeps to one server

/**
 * withdrawn: when speakers of the project took their consent back, by id
 *
 * @typedef {{person: string, project: string, token: string, withdrawn: Record<string, string>}} Session
 */

/**
 * Whose session this is. Throws Refused, Unreachable.
 *
 * @param {number} [seconds] of patience
 * @returns {Promise<Session>}
 */
export async function session(seconds = 2) {
  try {
    return await question(seconds);
  } catch (problem) {
    if (!(problem instanceof Unreachable)) throw problem;
    return overAll(seconds * 4);
  }
}

/**
 * As session, over every connection at once.
 *
 * @param {number} seconds
 * @returns {Promise<Session>}
 */
export async function overAll(seconds) {
  try {
    const questions = Array.from({ length: CONNECTIONS }, (_, number) => question(seconds, number));
    return await Promise.any(questions);
  } catch (all) {
    const { errors } = /** @type {AggregateError} */ (all);
    throw errors.find((problem) => problem instanceof Refused) || errors[0];
  }
}

/**
 * A browser asks for one address once at a time: each question has its own.
 *
 * @param {number} seconds
 */
function question(seconds, number = 0) {
  return ask(`/record/session?over=${number}`, { seconds });
}
