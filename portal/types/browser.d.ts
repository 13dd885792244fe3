// Scripts of others that put themselves on the window, and what TypeScript's DOM does not name. Ambient, never served.

interface Window {
  tus: TusLibrary;
  Sanscript: SanscriptLibrary;
}

interface SanscriptLibrary {
  t(text: string, from: string, to: string): string;
}

interface TusResponse {
  getStatus(): number;
  getHeader(name: string): string | undefined;
  getBody(): string;
}

interface TusUpload {
  url: string | null;
  options: { chunkSize: number };
  start(): void;
  abort(): Promise<void>;
}

interface TusLibrary {
  Upload: new (blob: Blob, options: object) => TusUpload;
}

interface ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}
