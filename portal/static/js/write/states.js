// @ts-check
// The states of the screen where people write, and the only moves there are.

/**
 * waiting:  the next clip is on its way
 * empty:    there is none
 * writing:  a clip is open
 * leaving:  it is finished, and being kept until it is sent
 * lost:     it is somebody else's by now; its words stay in sight
 * outdated: the page must be loaded again
 *
 * @typedef {"waiting" | "empty" | "writing" | "leaving" | "lost" | "outdated"} WriteState
 */

/** @type {Record<WriteState, Partial<Record<string, WriteState>>>} */
export const WRITE_MOVES = {
  waiting: { wait: "waiting", runOut: "empty", open: "writing", outdate: "outdated" },
  empty: { wait: "waiting", runOut: "empty", open: "writing", outdate: "outdated" },
  writing: { open: "writing", finish: "leaving", lose: "lost", outdate: "outdated" },
  leaving: { advance: "waiting", comeBack: "writing" },
  lost: { advance: "waiting", open: "writing", outdate: "outdated" },
  outdated: {},
};
