// Pseudonyms as they stand in the disc beside them.

/** "DUM-014" → "014" */
export function shortName(pseudonym) {
  return pseudonym.match(/[0-9]+$/)?.[0].slice(-3) || pseudonym.slice(0, 3);
}
