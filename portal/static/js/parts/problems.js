// @ts-check
// What can go wrong between a page and its server.

/**
 * How long the server asked to be left alone, and whether only with what was sent.
 *
 * @typedef {{seconds: number, alone: boolean}} Wait
 */

/** @type {Wait} */
export const NO_WAIT = { seconds: 0, alone: false };

/** The server refused: `code` for programs, `message` for people, `details` whatever else it said. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {Record<string, any>} [details]
   * @param {Wait} [wait]
   */
  constructor(status, code, message, details = {}, wait = NO_WAIT) {
    super(message);
    this.wait = wait;
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The server could not be asked: no network, or it does not answer. What was to be sent is still here. */
export class Unreachable extends Error {
  /**
   * @param {string} [message]
   * @param {ErrorOptions & {wait?: Wait}} [options]
   */
  constructor(message, { wait = NO_WAIT, ...options } = {}) {
    super(message, options);
    this.wait = wait;
  }
}

/**
 * Whether a problem is the server's or the network's, for whoever can go on without an answer. Anything else is a fault
 * of ours, and is thrown on.
 *
 * @param {unknown} problem
 * @returns {problem is Refused | Unreachable}
 */
export function isUnanswered(problem) {
  return problem instanceof Refused || problem instanceof Unreachable;
}
