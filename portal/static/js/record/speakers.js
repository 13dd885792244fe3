// The list of speakers: those whom only this phone knows yet stand first.

import { byId, gettext, make } from "../page.js";
import { shortName } from "./pseudonyms.js";
import * as queue from "./queue.js";
import * as store from "./phone_store.js";
import { register } from "./service_worker.js";

register();
queue.start();
queue.watch(show);
await show();

async function show() {
  const { entries } = await queue.mine();
  const here = entries.filter((entry) => entry.kind === "speaker" && entry.state !== "received");
  byId("here").hidden = !here.length;
  byId("here-list").replaceChildren(...here.map(line));
}

function line(entry) {
  const { pseudonym } = entry.fields;
  const refused = entry.state === "refused";
  const why = make(
    "span",
    { class: "why" },
    refused ? entry.error.message : gettext("Kept on this phone. Sent when there is network."),
  );
  const state = refused
    ? make("span", { class: "state bad" }, gettext("Not taken"))
    : make("a", { class: "state warn", href: `/speakers/consent#${entry.id}` }, gettext("Ask first"));
  if (refused && entry.error.code === "alike") why.append(" ", ...choices(entry));
  if (refused && entry.error.code !== "alike")
    why.append(
      " ",
      make(
        "button",
        { type: "button", class: "plain", onclick: () => drop(entry) },
        gettext("Take off this phone"),
      ),
    );
  return make(
    "li",
    {},
    make("span", { class: "disc", "aria-hidden": "true" }, shortName(pseudonym)),
    make("b", { class: "who" }, pseudonym),
    state,
    why,
  );
}

/** Somebody alike is known: the coordinator decides. */
function choices(entry) {
  const same = (entry.error.alike || []).map((each) =>
    make(
      "button",
      {
        type: "button",
        onclick: () =>
          queue
            .settle(entry, {
              id: each.speaker_id,
              pseudonym: each.pseudonym,
              short: shortName(each.pseudonym),
            })
            .then(queue.go),
      },
      gettext("It is %(name)s", { name: each.pseudonym }),
    ),
  );
  const other = make(
    "button",
    {
      type: "button",
      onclick: () => store.change(entry.id, { state: "kept", sure: true, error: null }).then(queue.go),
    },
    gettext("Somebody else"),
  );
  return [make("span", { class: "row" }, ...same, other)];
}

async function drop(entry) {
  const { entries } = await queue.mine();
  const words = gettext("Take %(name)s and what was recorded of them off this phone, for ever?", {
    name: entry.fields.pseudonym,
  });
  if (!confirm(words)) return;
  for (const other of entries) if (other.speaker?.local === entry.id) await store.forget(other.id);
  await store.forget(entry.id);
}
