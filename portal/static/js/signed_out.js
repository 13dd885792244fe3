// @ts-check
// On a shared phone the next person sees no page of the one before: the service worker forgets those it kept.
navigator.serviceWorker?.ready.then((worker) => worker.active?.postMessage("forget-pages"));
