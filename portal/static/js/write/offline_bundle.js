// Clips taken along where there is no network: kept with their sound on this device, and the page to work on them.

import { ask, byId, gettext, ngettext, Refused, Unreachable } from "../page.js";
import { seenBefore } from "../parts/settings.js";

/** shelf: keeps clips. changed(desk): told what the person holds now. toDo(): the clips at hand, the one in work first */
export function alongDialog({ shelf, store, changed, toDo }) {
  const dialog = byId("along");
  const told = byId("along-told");
  const back = byId("along-return");

  byId("along-take").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      if (!store.lasting)
        throw new Refused(
          0,
          "nothing_kept",
          gettext("This browser keeps nothing on this device: clips can't be taken along."),
        );
      told.textContent = gettext("Asking for clips");
      const body = { count: Number(byId("along-count").value), hours: Number(byId("along-hours").value) };
      const desk = await ask("/write/bundle", { method: "POST", body, seconds: 60 });
      let whole = 0;
      for (const clip of desk.clips) {
        await shelf.keep(clip);
        await shelf.sound(clip);
        told.textContent = gettext("%(done)s of %(all)s clips are on this device", {
          done: ++whole,
          all: desk.clips.length,
        });
      }
      await keepPage();
      await navigator.storage?.persist?.();
      changed(desk);
      told.textContent = ngettext(
        "%(num)s clip is on this device. You can go.",
        "%(num)s clips are on this device. You can go.",
        whole,
      );
    } catch (error) {
      if (error instanceof Unreachable)
        told.textContent = gettext("There is no network just now. What has come stays here; try again.");
      else if (error instanceof Refused) told.textContent = error.message;
      else throw error;
    } finally {
      button.disabled = false;
      back.hidden = toDo().length < 3;
    }
  });

  back.addEventListener("click", async () => {
    back.disabled = true;
    try {
      const [, , ...others] = toDo();
      for (const clip of others) {
        const draft = await store.get("drafts", clip.slot);
        if (draft?.text.trim()) continue; // begun: it stays
        await ask(`/write/${clip.slot}/release`, {
          method: "POST",
          body: { token: clip.token, proof: clip.proof },
        });
        await shelf.forget(clip.slot);
      }
      changed(await ask("/write/claim", { method: "POST", body: { want: 1 } }));
      told.textContent = gettext("The others are with the queue again.");
    } catch (error) {
      if (!(error instanceof Unreachable) && !(error instanceof Refused)) throw error;
      told.textContent = error.message;
    } finally {
      back.disabled = false;
      back.hidden = toDo().length < 3;
    }
  });

  return () => {
    told.textContent = "";
    back.hidden = toDo().length < 3;
    dialog.showModal();
  };
}

/** The page itself: the service worker gives it back when there is no network. */
async function keepPage() {
  if (!("caches" in window))
    throw new Refused(
      0,
      "no_worker",
      gettext("This address is not secure (https), so the page can't open without network."),
    );
  await navigator.serviceWorker.ready;
  const answer = await fetch("/write", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Unreachable(answer.statusText);
  // Opened later, its clips are those of today: the desk must then go by what this device keeps.
  seenBefore(/"rendered": "([^"]+)"/.exec(await answer.clone().text())?.[1]);
  await (await caches.open("pages")).put("/write", answer);
}
