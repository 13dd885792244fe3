// What every screen needs: what the server told the page, its messages in the reader's language, and asking the server.

export const page = JSON.parse(document.getElementById("page").textContent);

/** A message in the reader's language; %(name)s is replaced from `values`. */
export function gettext(message, values = {}) {
  return filled(page.messages[message] || message, values);
}

/** As gettext, for a count: the forms of a language are chosen by its own rules. */
export function ngettext(one, many, count, values = {}) {
  const forms = page.messages[one];
  const rules = new Intl.PluralRules(page.language);
  const categories = rules.resolvedOptions().pluralCategories;
  // gettext numbers the forms in the order of the categories: one, other; or one form for all counts
  const form = forms ? forms[Math.min(forms.length - 1, categories.indexOf(rules.select(count)))] : count === 1 ? one : many;
  return filled(form || many, { num: count, ...values });
}

function filled(message, values) {
  return message.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The server refused: `code` for programs, `message` for people, `details` whatever else it said. */
export class Refused extends Error {
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The server could not be asked: no network, or it does not answer. What was to be sent is still here. */
export class Unreachable extends Error {}

/** Ask the server. body: sent as JSON. Gives the answer's JSON, null for 204. Throws Refused or Unreachable. */
export async function ask(path, { method = "GET", body, seconds = 20, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-Boli-Token"] = page.token || "";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      keepalive,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(seconds * 1000),
    });
  } catch (cause) {
    throw new Unreachable(gettext("No network just now."), { cause });
  }
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  // Nobody is signed in here any more: the pages kept for work without network are of somebody who has left.
  if (answer.status === 401) navigator.serviceWorker?.controller?.postMessage("forget-pages");
  const error = told.error || {};
  if (answer.status >= 502) throw new Unreachable(error.message || gettext("No network just now."));
  throw new Refused(answer.status, error.code || "refused", error.message || answer.statusText, error);
}

/** An element: make("p", {class: "quiet", hidden: true, onclick: f}, "text", child). Text is never taken for HTML. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The one element with that id. Throws where the page lacks it: a template and its script disagree. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** Say something to whoever listens to the page instead of looking at it. */
export function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) {
    region = make("div", { id: "announcer", class: "sr", "aria-live": "polite" });
    document.body.append(region);
  }
  region.textContent = text;
}
