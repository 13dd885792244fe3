// One line of the list: whose voice, how long, and how it stands, in words.

import { gettext, make, page } from "../page.js";
import { clock } from "../parts/length.js";
import { shortName } from "./pseudonyms.js";
import * as queue from "./queue.js";

/** acts: {again, listen, drop}, each called with the entry */
export function line(entry, acts) {
  const speaker =
    entry.kind === "speaker"
      ? { pseudonym: entry.fields.pseudonym, short: shortName(entry.fields.pseudonym) }
      : entry.speaker;
  const about = {
    recording: () => make("bdi", {}, entry.title || entry.name || page.languages[entry.language] || ""),
    consent: () => gettext("consent"),
    speaker: () => gettext("written down"),
  }[entry.kind]();
  return make(
    "li",
    { id: `take-${entry.id}` },
    make("span", { class: "disc", "aria-hidden": "true" }, speaker.short),
    make("b", { class: "who" }, make("bdi", {}, speaker.pseudonym), " · ", about),
    make("span", { class: "quiet" }, entry.seconds ? clock(entry.seconds) : ""),
    make("span", { class: "why" }, ...state(entry, acts)),
  );
}

function state(entry, acts) {
  const press = (words, act) =>
    make("button", { type: "button", class: "plain", onclick: () => act(entry) }, words);
  switch (entry.state) {
    case "unheard":
      return [
        make(
          "span",
          { class: "state warn" },
          entry.brokeOff ? gettext("Broke off.") : gettext("Not listened to yet."),
        ),
        ` ${gettext("It is kept on this phone.")} `,
        press(gettext("Listen and keep"), acts.listen),
        press(gettext("Throw away"), acts.drop),
      ];
    case "kept":
      if (entry.speaker?.local)
        return [gettext("Kept on this phone. Sent after the speaker is written down.")];
      return [
        queue.trouble || entry.sent
          ? gettext("Kept on this phone. Sends when there is network.")
          : gettext("Kept on this phone. Its turn comes."),
      ];
    case "sending": {
      const share = entry.size ? Math.min(1, queue.sentOf(entry) / entry.size) : 0;
      const percent = new Intl.NumberFormat(page.language, { style: "percent" }).format(
        Math.floor(share * 100) / 100,
      );
      const words = queue.trouble
        ? gettext("%(percent)s sent, goes on by itself", { percent })
        : gettext("Sending, %(percent)s, goes on by itself", { percent });
      return [words, make("progress", { max: 1, value: share, "aria-label": words })];
    }
    case "refused":
      return [
        make("span", { class: "state bad" }, gettext("Not taken.")),
        ` ${entry.error?.message || ""} `,
        entry.kind === "speaker"
          ? make("a", { href: "/speakers" }, gettext("Look"))
          : press(gettext("Take off this phone"), acts.drop),
      ];
    default:
      return received(entry, press, acts);
  }
}

function received(entry, press, acts) {
  if (entry.kind !== "recording") return [make("span", { class: "state ok" }, gettext("Received"))];
  const receipt = gettext("receipt %(code)s", { code: entry.receipt });
  const [first, ...rest] = entry.heard?.reasons || [];
  if (!entry.heard)
    return [
      make("span", { class: "state ok" }, gettext("Received")),
      ` · ${receipt} · `,
      gettext("listening …"),
    ];
  if (!entry.heard.usable) {
    return [
      make("span", { class: "state bad" }, first?.sentence || gettext("Not usable.")),
      ` ${first?.mend || ""} `,
      entry.repeated
        ? make("span", {}, gettext("Recorded again."))
        : press(gettext("Record again"), acts.again),
      make("span", { class: "quiet" }, ` · ${receipt}`),
    ];
  }
  if (!first)
    return [
      make("span", { class: "state ok" }, gettext("Received")),
      ` · ${receipt} · ${gettext("good sound")}`,
    ];
  return [
    make("span", { class: "state ok" }, gettext("Received")),
    ` · ${receipt} · `,
    make("span", { class: "state warn" }, first.sentence),
    ` ${first.mend}${rest.length ? ` ${rest[0].sentence}` : ""}`,
  ];
}
