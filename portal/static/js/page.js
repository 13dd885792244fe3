// @ts-check
// What every screen needs: what the server wrote into the page, its messages in the reader's language, and asking the server.

import { Refused, Unreachable, isUnanswered } from "./parts/problems.js";
import { askedToWait } from "./parts/retry_after.js";

export { Refused, Unreachable, isUnanswered };

/** @type {PageData} */
export const page = JSON.parse(byId("page").textContent || "{}");

/**
 * A message in the reader's language; %(name)s is replaced from `values`.
 *
 * @param {string} message
 * @param {Record<string, unknown>} [values]
 */
export function gettext(message, values = {}) {
  return filled(String(page.messages[message] || message), values);
}

/**
 * As gettext, for a count: the forms of a language are chosen by its own rules.
 *
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Record<string, unknown>} [values]
 */
export function ngettext(one, many, count, values = {}) {
  const forms = page.messages[one];
  const rules = new Intl.PluralRules(page.language);
  const categories = rules.resolvedOptions().pluralCategories;
  // gettext numbers the forms in the order of the categories: one, other; or one form for all counts
  const inEnglish = count === 1 ? one : many;
  const form = Array.isArray(forms)
    ? forms[Math.min(forms.length - 1, categories.indexOf(rules.select(count)))]
    : inEnglish;
  return filled(form || many, { num: count, ...values });
}

/**
 * @param {string} message
 * @param {Record<string, unknown>} values
 */
function filled(message, values) {
  return message.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * Ask the server. Gives the answer's JSON, null for 204. Throws Refused or Unreachable.
 *
 * @param {string} path
 * @param {{method?: string, body?: object, seconds?: number, keepalive?: boolean}} [request] body: sent as JSON, but for
 *   the fields of a form, which are sent as they are
 * @returns {Promise<any>}
 */
export async function ask(path, { method = "GET", body, seconds = 20, keepalive = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-Boli-Token"] = page.token || "";
  const request = { method, headers, keepalive, body: encoded(body, headers) };
  let response;
  try {
    response = await fetch(path, { ...request, signal: AbortSignal.timeout(seconds * 1000) });
  } catch (cause) {
    throw new Unreachable(gettext("No network just now."), { cause });
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401) forgetPages();
  throw refusal(response, answer.error || {});
}

/**
 * @param {object | undefined} body
 * @param {Record<string, string>} headers gets the type of JSON; a form's fields bring their own
 */
function encoded(body, headers) {
  if (!body || body instanceof URLSearchParams) return body;
  headers["Content-Type"] = "application/json";
  return JSON.stringify(body);
}

/** Nobody is signed in here any more: the pages kept for work without network are of somebody who has left. */
function forgetPages() {
  navigator.serviceWorker?.controller?.postMessage("forget-pages");
}

/**
 * @param {Response} response
 * @param {{code?: string, message?: string}} error
 */
function refusal(response, error) {
  const { status, headers } = response;
  const wait = askedToWait({ status, header: (name) => headers.get(name) }, Date.now());
  if (status >= 502) return new Unreachable(error.message || gettext("No network just now."), { wait });
  return new Refused(status, error.code || "refused", error.message || response.statusText, error, wait);
}

/**
 * An element: make("p", {class: "quiet", hidden: true, onclick: f}, "text", child). Text is never taken for HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
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

/**
 * The one element with that id; of what kind, the caller knows. Throws where the page lacks it: a template and its script
 * disagree.
 *
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Say something to whoever listens to the page instead of looking at it.
 *
 * @param {string} text
 */
export function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) {
    region = make("div", { id: "announcer", class: "sr", "aria-live": "polite" });
    document.body.append(region);
  }
  region.textContent = text;
}
