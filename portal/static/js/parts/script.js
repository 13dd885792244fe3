// @ts-check
// Scripts of others that are no modules, brought when they are needed.

/** @type {Map<string, Promise<void>>} */
const coming = new Map();

/**
 * Bring a script, once. Where it does not come, the next call tries again.
 *
 * @param {URL} address
 */
export function script({ href }) {
  const known = coming.get(href);
  if (known) return known;
  /** @type {Promise<void>} */
  const brought = new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = href;
    element.onload = () => resolve();
    element.onerror = () => reject(new Error(`${href} did not come`));
    document.head.append(element);
  });
  coming.set(href, brought);
  brought.catch(() => coming.delete(href));
  return brought;
}
