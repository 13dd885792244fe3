// What the server writes in front of the service worker, and what TypeScript's worker scope does not name.

declare const BUILD: string;
declare const FILES: string[];

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

interface ServiceWorkerGlobalScopeEventMap {
  sync: SyncEvent;
}
