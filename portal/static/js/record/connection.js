// A way to the server. Of the connections that a browser keeps idle any may be dead without its knowing: a network
// that went away closes none. Asked over all at once, the first answer shows the way, and the dead are given up together.

import { Refused, Unreachable, ask } from "../page.js";

const CONNECTIONS = 5; // of the six that a browser keeps to one server

/** Whose session this is: {person, project, token}. seconds: of patience. Throws Refused, Unreachable. */
export async function session(seconds = 2) {
  try {
    return await question(seconds);
  } catch (problem) {
    if (!(problem instanceof Unreachable)) throw problem;
    return overAll(seconds * 4);
  }
}

/** As session, over every connection at once. */
export async function overAll(seconds) {
  try {
    return await Promise.any(Array.from({ length: CONNECTIONS }, (_, number) => question(seconds, number)));
  } catch (all) {
    throw all.errors.find((problem) => problem instanceof Refused) || all.errors[0];
  }
}

// A browser asks for one address once at a time: each question has its own.
function question(seconds, number = 0) {
  return ask(`/record/session?over=${number}`, { seconds });
}
