// @ts-check
// Whether a file is an archive, as far as its name and its browser tell.

/** @param {File} file */
export function looksPacked({ name, type }) {
  return /\.zip$/i.test(name) || type === "application/zip" || type === "application/x-zip-compressed";
}
