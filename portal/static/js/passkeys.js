// @ts-check
// Passkeys: signing in with one, and adding and removing them on one's own page. The forms are the server's; here the
// device is asked, and its answer put into them.

import { ask, gettext, isUnanswered } from "./page.js";
import { answerOf, optionsToMake, optionsToSign } from "./parts/webauthn.js";

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("form[data-passkey]");
const isHere = [...forms].every((form) => form.dataset.origin === location.origin);
const isKnown = "PublicKeyCredential" in window;

if (isHere && isKnown) {
  for (const form of forms) offer(form);
  show("[data-passkey-new]");
} else {
  show(isHere ? "[data-passkey-none]" : "[data-passkey-elsewhere]");
}

/** @param {string} selector */
function show(selector) {
  for (const element of document.querySelectorAll(selector)) element.toggleAttribute("hidden", false);
}

/** @param {HTMLFormElement} form */
function offer(form) {
  const [path, perform] =
    form.dataset.passkey === "add"
      ? ["/me/passkeys/new", make]
      : [form.dataset.passkey === "prove" ? "/me/passkeys/challenge" : "/sign-in/passkey/challenge", sign];
  const begin = () => answer(form, path, perform);
  /** @type {HTMLButtonElement | null} */
  const instead = form.querySelector("[data-prove]");
  form.hidden = false;
  if (instead) {
    instead.hidden = false;
    instead.addEventListener("click", begin);
    return;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
}

/**
 * Ask the device what the server wants to know, and send the form with its answer.
 *
 * @param {HTMLFormElement} form
 * @param {string} path where the server says what it wants
 * @param {(options: any) => Promise<Credential | null>} perform
 */
async function answer(form, path, perform) {
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  say(form, "");
  try {
    const options = await ask(path, { method: "POST", body: fieldsOf(form) });
    const credential = await perform(options);
    field(form, "credential").value = JSON.stringify(answerOf(credential));
    const pin = form.querySelector("input[type=password]");
    if (pin instanceof HTMLInputElement) pin.value = ""; // it is proved, or not needed: it travels once at most
    form.submit();
  } catch (problem) {
    say(form, faultOf(problem));
    for (const button of buttons) button.disabled = false;
  }
}

/** @param {any} options */
function sign(options) {
  return navigator.credentials.get({ publicKey: optionsToSign(options) });
}

/** @param {any} options */
function make(options) {
  return navigator.credentials.create({ publicKey: optionsToMake(options) });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement}
 */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {HTMLFormElement} form */
function fieldsOf(form) {
  const fields = new URLSearchParams({ token: field(form, "token").value });
  if (form.dataset.passkey === "add") fields.set("known", field(form, "known").value);
  return fields;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} fault
 */
function say(form, fault) {
  const place = form.querySelector("[data-fault]");
  if (!place) throw new Error("a passkey's form has a place for faults");
  place.textContent = fault;
  place.toggleAttribute("hidden", !fault);
}

/** @param {unknown} problem */
function faultOf(problem) {
  if (isUnanswered(problem)) return problem.message;
  if (!(problem instanceof DOMException)) throw problem;
  if (problem.name === "InvalidStateError") return gettext("This device has a passkey of yours already.");
  if (problem.name === "NotAllowedError")
    return gettext("The device did not confirm that it is you. Try again, or use your PIN.");
  return gettext("This device can't do it. Use your PIN.");
}
