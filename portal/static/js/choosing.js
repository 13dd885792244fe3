// @ts-check
// The plan beside the form follows what is chosen; without scripts the button asks for it.

const PATIENCE = 500; // milliseconds after the last change

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("choose"));
let waiting = 0;
let asked = 0;

if (form) {
  const change = () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => show(form), PATIENCE);
  };
  form.addEventListener("input", change);
  form.addEventListener("change", change);
}

/**
 * Ask for the page as the form is filled in now, and take its plan. The form itself stays as it is.
 * @param {HTMLFormElement} filled
 */
async function show(filled) {
  const number = ++asked;
  const plan = document.getElementById("plan");
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(filled)) {
    if (typeof value === "string" && name !== "token") query.append(name, value);
  }
  plan?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${filled.action}?${query}`, { headers: { Accept: "text/html" } });
    if (number !== asked || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("plan");
    if (fresh && plan) plan.replaceChildren(...fresh.childNodes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no link: the figures stay as they were
  } finally {
    if (number === asked) plan?.removeAttribute("aria-busy");
  }
}
