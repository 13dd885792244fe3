// @ts-check
// On a shared phone the next person sees no page of the one before, and no notice: the service worker forgets the pages
// that it kept, and what is still on its way to this browser arrives nowhere.
navigator.serviceWorker?.ready.then(async (worker) => {
  worker.active?.postMessage("forget-pages");
  for (const notice of await worker.getNotifications()) notice.close();
  await (await worker.pushManager?.getSubscription())?.unsubscribe();
});
