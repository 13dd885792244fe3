// What the server writes into a page for its scripts, and answers them in JSON. Ambient: named in JSDoc, never served.

type Messages = Record<string, string | string[]>;

/** On every page. */
interface CommonPage {
  language: string;
  token: string;
  person: string;
  project: string;
  messages: Messages;
}

/** A tag of a guideline, such as <noise>. */
interface Tag {
  name: string;
  title: string;
  means: string;
  form: "event" | "span" | "either";
  any_script: boolean;
}

interface Guide {
  id: string;
  bcp47: string;
  direction: "ltr" | "rtl";
  own_name: string;
  /** sanscript's name of the script; empty where Latin letters are not turned into it */
  typed_from: string | null;
  /** its rules were translated by a machine, and no native reader has signed for them */
  by_machine: boolean;
  tags: Tag[];
  letters: string[];
  rules: string[];
  examples: { write: string; instead_of: string | null; because: string }[];
}

/** What a check says of a stretch of a text; start and length in code points. */
interface Remark {
  code: string;
  message: string;
  severity: "error" | "warning" | "note";
  start: number;
  length: number;
  fix: string | null;
}

/** A remark at its place in a text box; from and to in UTF-16 units. */
interface PlacedRemark extends Remark {
  from: number;
  to: number;
}

/** What a clip must have to be played, drawn and checked. */
interface PlayableClip {
  slot: string;
  token: number;
  proof: string;
  language: string;
  seconds: number;
  preview: string;
  peaks: number[];
  expires_at: string;
}

/** A clip that somebody holds, to be written. */
interface Clip extends PlayableClip {
  project: string;
  guideline: string;
  draft: string;
  by_machine: boolean;
  returned: { reasons: string[]; note: string } | null;
  voice: { gender: string | null; age_band: string | null; district: string | null; several: boolean } | null;
  /** where it stands among the clips at hand, as kept on this device */
  order?: number;
}

interface Nothing {
  title: string;
  then: string;
}

/** What the server says that somebody holds. */
interface HeldClips {
  project: string;
  clips: Clip[];
  nothing: Nothing | null;
}

interface DayFigures {
  number: number;
  clips: string;
  accepted: string;
  earned: string | null;
}

interface WritePage {
  rendered: string;
  desk: HeldClips;
  guides: Record<string, Guide>;
  today: DayFigures;
  heartbeat_minutes: number;
  returns: Record<string, string>;
  nonce: string;
}

/** The end of a neighbouring clip: seconds within its sound. */
interface Neighbour {
  start: number;
  end: number;
  peaks: number[];
  preview: string;
}

interface SubmissionReceipt {
  outcome: "kept" | "submitted" | "late" | "refused" | string;
  kept: string;
  expires_at: string | null;
  remarks: Remark[];
}

interface CandidateText {
  id: string;
  text: string;
  skipped: string | null;
}

interface ReviewNote {
  at: string;
  by: "writer" | "reviewer" | "manager";
  mine: boolean;
  text: string;
}

interface ReviewTask extends PlayableClip {
  clip: string;
  proposal: string;
  texts: CandidateText[];
  /** ids of the texts that `words` holds word under word */
  compared: string[];
  /** pairs: the words that may be called right both ways */
  words: { words: (string | null)[]; agreed: boolean; pairs: [string, string][] }[];
  notes: ReviewNote[];
  because: string;
  second_look: boolean;
  returns_left: number;
}

interface ReportPage {
  seconds: number;
  peaks: number[];
  tag: string;
}

interface ReviewPage {
  task: ReviewTask | null;
  skips: Record<string, string>;
}

/** A speaker whom the server knows. */
interface KnownSpeaker {
  id: string;
  pseudonym: string;
  short: string;
  language: string;
  district?: string | null;
  own?: boolean;
  consents?: boolean;
  /** When they took their consent back, where that is their last word. */
  withdrawn_at?: string | null;
}

interface Prompt {
  name: string;
  kind: "text" | "picture" | "question";
  text: string;
  picture: string | null;
}

interface PromptSet {
  name: string;
  title: string;
  prompts: Prompt[];
}

interface RecordPage {
  speakers: KnownSpeaker[];
  /** languages of the project: code to own name */
  languages: Record<string, string>;
  books: Record<string, PromptSet[]>;
  limits: { most_bytes: number };
}

interface ReasonSaid {
  code?: string;
  sentence: string;
  mend: string;
}

interface SentFile {
  short: string;
  pseudonym: string;
  title: string;
  name: string;
  seconds: number | null;
  receipt: string;
  stage: "received" | "usable" | "cut" | "withdrawn" | "refused" | "poor";
  clips: number;
  accepted: number;
  reasons: ReasonSaid[];
}

interface SentFilesPage {
  before: string | null;
}

interface Notice {
  language: string;
  own_name: string;
  direction: "ltr" | "rtl";
  text: string;
  sound: string | null;
  machine: boolean;
  usable: boolean;
  demonstration: boolean;
  questions: Record<string, string>;
  understood: { question: string; right: string; sound: string | null }[];
}

interface ConsentPage {
  notices: Notice[];
  scopes: string[];
  version: string;
  speaker: { id?: string; pseudonym: string; short: string; language: string; minor?: boolean } | null;
}

/** A script reads what is common and what its own screen wrote; the rest is not there. */
/** The page on which word times are put right. */
interface TimesPage {
  /** Names the times that the page began with. */
  seen: string;
}

interface PracticePage {
  guide: Guide;
}

type PageData = CommonPage &
  PracticePage &
  TimesPage &
  WritePage &
  ReviewPage &
  ReportPage &
  RecordPage &
  SentFilesPage &
  ConsentPage;
