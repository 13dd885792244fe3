// The service worker: pages open without network, and sending is taken up again when it comes back.

export function register() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {}); // plain http: pages need network
}
