// One desk at a time in a browser: of two tabs, the second says so and can take over.

/** Try to be the one. opened(): this tab may work; elsewhere(take): another one has the desk; take() brings it here. */
export function oneTab(name, { opened, elsewhere }) {
  if (!navigator.locks) {
    opened(); // an address without https: no locks, so nothing to go by
    return;
  }
  const hold = (options) =>
    navigator.locks
      .request(name, options, (lock) => {
        if (!lock) {
          elsewhere(() => hold({ steal: true }));
          return undefined;
        }
        opened();
        return new Promise(() => {}); // till the tab closes
      })
      .catch((error) => {
        if (error.name !== "AbortError") throw error;
        elsewhere(() => hold({ steal: true }));
      });
  hold({ ifAvailable: true });
}
