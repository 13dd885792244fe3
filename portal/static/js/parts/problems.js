// @ts-check
// What can go wrong between a page and its server.

/** The server refused: `code` for programs, `message` for people, `details` whatever else it said. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   * @param {Record<string, any>} [details]
   */
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The server could not be asked: no network, or it does not answer. What was to be sent is still here. */
export class Unreachable extends Error {}

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
