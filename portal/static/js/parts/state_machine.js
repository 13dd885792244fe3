// @ts-check
// The states of something and the only moves there are, as a table: catalog/states.py of the browser.

/** A move that the table does not have: a fault of ours. */
export class ForbiddenMove extends Error {}

/**
 * Where a move leads.
 *
 * @template {string} State
 * @param {Record<State, Partial<Record<string, State>>>} table moves of each state: {state: {move: next state}}
 * @param {State} state
 * @param {string} move
 * @returns {State}
 */
export function next(table, state, move) {
  const to = table[state]?.[move];
  if (to === undefined) throw new ForbiddenMove(`nothing that is ${state} can ${move}`);
  return to;
}

/**
 * Something that is in one state at a time.
 *
 * @template {string} State
 */
export class StateMachine {
  /**
   * @param {Record<State, Partial<Record<string, State>>>} table
   * @param {State} first
   * @param {(state: State) => void} [changed] called after each move into another state
   */
  constructor(table, first, changed = () => {}) {
    this.table = table;
    this.state = first;
    this.changed = changed;
  }

  /** @param {string} move */
  can(move) {
    return this.table[this.state][move] !== undefined;
  }

  /** @param {...State} states */
  is(...states) {
    return states.includes(this.state);
  }

  /**
   * @param {string} move
   * @returns {State} where it led
   */
  move(move) {
    const before = this.state;
    this.state = next(this.table, before, move);
    if (this.state !== before) this.changed(this.state);
    return this.state;
  }
}
