// @ts-check
// What the project has already, by its digest: said, and not sent again.

import { ask, isUnanswered } from "../../page.js";

const MOST = 100; // digests a question
/** @type {Map<string, string | null>} receipts by digest, as far as the server was asked; null where it has none */
const answers = new Map();

/**
 * Receipts of the files that the project has already, by digest. Without network nothing is known: asked again before
 * anything is sent.
 *
 * @param {string[]} digests
 * @returns {Promise<Map<string, string>>}
 */
export async function alreadyThere(digests) {
  const open = [...new Set(digests)].filter((each) => !answers.has(each));
  try {
    for (let at = 0; at < open.length; at += MOST) {
      const sha256 = open.slice(at, at + MOST);
      const { known } = await ask("/record/known", { method: "POST", body: { sha256 } });
      for (const each of sha256) answers.set(each, known[each] ?? null);
    }
  } catch (problem) {
    if (!isUnanswered(problem)) throw problem;
  }
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const each of digests) {
    const receipt = answers.get(each);
    if (receipt) found.set(each, receipt);
  }
  return found;
}
