// What this device keeps, as it stands in IndexedDB. People's unsent work outlives an update: a field may come, none may
// change its meaning. Ambient: named in JSDoc, never served.

/** Words of a clip. sent: what the server last took from here; seen: every text that it was known to have */
interface Draft {
  text: string;
  sent: string;
  seen: string[];
  /** stretches of the sound that were heard, in seconds */
  heard: [number, number][];
  /** seconds of work */
  active: number;
}

/** A clip with its sound. */
interface KeptClip extends Clip {
  sound?: ArrayBuffer;
  /** media type of the sound */
  kind?: string;
}

type SubmissionKind = "draft" | "submit" | "skip" | "report";

/** Something on its way to the server about a clip. */
interface QueuedSubmission {
  key: string;
  kind: SubmissionKind;
  slot: string;
  body: {
    token: number;
    proof: string;
    request_id: string;
    text?: string;
    active_seconds?: number;
    reason?: string;
    later?: boolean;
  };
  /** on its way now; not kept */
  going?: boolean;
}

type EntryState = "recording" | "unheard" | "kept" | "sending" | "received" | "refused";

/** A speaker as entries name them: by the server's id, or by the entry that wrote them down here. */
interface NamedSpeaker {
  id?: string;
  local?: string;
  pseudonym: string;
  short: string;
}

interface EntryCommon {
  id: string;
  person: string;
  project: string;
  /** milliseconds since 1970 */
  created: number;
  state: EntryState;
  size: number;
  type: string;
  /** bytes that have gone out */
  sent?: number;
  received?: number;
  receipt?: string | null;
  upload?: string | null;
  url?: string | null;
  sha256?: string;
  error?: { code: string; message: string; alike?: { speaker_id: string; pseudonym: string }[] } | null;
}

interface SpeakerEntry extends EntryCommon {
  kind: "speaker";
  fields: { pseudonym: string; [name: string]: string };
  minor?: boolean;
  sure?: boolean;
  speaker?: NamedSpeaker;
}

interface ConsentEntry extends EntryCommon {
  kind: "consent";
  speaker: NamedSpeaker;
  name: string;
  language?: string;
  transfer?: string;
  /** what was answered; absent while it is still being asked */
  yes?: Record<string, unknown>;
}

interface RecordingEntry extends EntryCommon {
  kind: "recording";
  speaker: NamedSpeaker;
  name: string;
  language: string;
  prompt?: string | null;
  title?: string;
  seconds?: number | null;
  modified?: number;
  brokeOff?: boolean;
  repeated?: boolean;
  /** from a chat or a card: whether the project has it already is asked before it is sent */
  imported?: boolean;
  /** the project had it already */
  known?: boolean;
  heard?: { usable: boolean; seconds: number | null; reasons: ReasonSaid[] };
  /** why nobody could listen to it yet */
  delayed?: ReasonSaid;
}

type Entry = SpeakerEntry | ConsentEntry | RecordingEntry;
/** An entry that carries a sound or a picture. */
type FileEntry = ConsentEntry | RecordingEntry;
type AnyFields = Partial<SpeakerEntry> | Partial<ConsentEntry> | Partial<RecordingEntry>;

/** A speaker to choose from: known to the server, or to this phone alone. */
/** When speakers took their consent back: milliseconds by id. */
type Withdrawn = Record<string, number>;

interface SpeakerChoice {
  id?: string;
  local?: string;
  pseudonym: string;
  short: string;
  language: string;
  district?: string | null;
  own?: boolean;
  consents: boolean;
  /** They took it back, and have not said yes since. */
  withdrawn?: boolean;
}
/** Fields to change; the state has moves of its own. */
type EntryChanges =
  | Omit<Partial<SpeakerEntry>, "state">
  | Omit<Partial<ConsentEntry>, "state">
  | Omit<Partial<RecordingEntry>, "state">;
