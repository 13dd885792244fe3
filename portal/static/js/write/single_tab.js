// @ts-check
// One tab at a time in a browser: of two, the second says so and can take over.

const LEAVES_WITHIN = 1000; // milliseconds: a page that was just closed or loaded again may still be on its way out

/**
 * Try to be the one.
 *
 * @param {string} name
 * @param {object} called
 * @param {() => void} called.opened this tab may work
 * @param {(take: () => void) => void} called.elsewhere another one has the work; take() brings it here
 */
export function singleTab(name, { opened, elsewhere }) {
  if (!navigator.locks) {
    opened(); // an address without https: no locks, so nothing to go by
    return;
  }
  const hold = (/** @type {LockOptions} */ options) =>
    navigator.locks
      .request(name, options, () => {
        opened();
        return new Promise(() => {}); // till the tab closes
      })
      .catch((error) => {
        // TimeoutError: another tab has it; AbortError: another tab took it
        if (!["AbortError", "TimeoutError"].includes(error.name)) throw error;
        elsewhere(() => hold({ steal: true }));
      });
  hold({ signal: AbortSignal.timeout(LEAVES_WITHIN) });
}
