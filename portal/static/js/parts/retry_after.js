// @ts-check
// How long a server asks to be left alone (RFC 9110, 10.2.3 Retry-After), and who is to wait.

const MOST_SECONDS = 300; // nobody stands in a field for longer because of a header

/**
 * Seconds until another try: a count, or a date; 0 where it says nothing that can be read, MOST_SECONDS at most.
 *
 * @param {string | null | undefined} header
 * @param {number} now in milliseconds
 */
export function secondsUntilRetry(header, now) {
  const text = (header || "").trim();
  const seconds = /^[0-9]+$/.test(text) ? Number(text) : (dateOf(text) - now) / 1000;
  return Math.max(0, Math.min(MOST_SECONDS, Math.ceil(seconds || 0)));
}

/**
 * An HTTP date begins with the day's name; Date.parse would take a plain "-1" for one too.
 *
 * @param {string} text
 */
function dateOf(text) {
  return /^[A-Z][a-z]+, /.test(text) ? Date.parse(text) : NaN;
}

/**
 * What an answer asks for. alone: of the thing that was sent, and of no other. The server says so in Boli-Waits; of an
 * answer of something in front of it, 423 and 507 are about the one thing (RFC 4918, 11.3 and 11.5).
 *
 * @param {{status: number, header: (name: string) => string | null | undefined}} answer
 * @param {number} now in milliseconds
 * @returns {{seconds: number, alone: boolean}}
 */
export function askedToWait({ status, header }, now) {
  const waits = header("Boli-Waits");
  const alone = waits ? waits === "this" : status === 423 || status === 507;
  return { seconds: secondsUntilRetry(header("Retry-After"), now), alone };
}
