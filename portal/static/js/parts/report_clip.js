// @ts-check
// Report a clip that is heard here: one key a reason, and nobody hears it any more but a reviewer.

import { announce, ask, isUnanswered } from "../page.js";
import { reasonDialog } from "./reason_dialog.js";

/**
 * Wires the dialog of the page (reports/dialog.html.j2). Gives what opens it for a clip.
 *
 * @param {(clip: string, message: string) => void} hidden the server has hidden it
 * @param {(message: string) => void} [failed]
 */
export function reportDialog(hidden, failed = announce) {
  let clip = "";
  const open = reasonDialog("report-clip", async (kind) => {
    try {
      const answer = await ask(`/clips/${encodeURIComponent(clip)}/reports`, {
        method: "POST",
        body: { kind },
      });
      hidden(clip, answer.message);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      failed(error.message);
    }
  });
  return (/** @type {string} */ of) => {
    clip = of;
    open();
  };
}
