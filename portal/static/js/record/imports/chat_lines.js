// @ts-check
// One line of a chat that WhatsApp exported, on Android or an iPhone, in whatever way the phone writes dates: when, who,
// and what. flows/whatsapp.py reads the same; both are held to the chats of tests/whatsapp.

/**
 * Before the sender: `31/01/2024, 10:11 pm - ` (Android), `[31/01/24, 10:11:12] ` (iPhone), with any marks between.
 * Parts of it are bounded, so that no line takes long.
 */
const HEAD =
  /^\[?(\d{1,4})[./-] ?(\d{1,2})[./-] ?(\d{2,4})\.?,? (.{0,12}?)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?([^\]\-–:]{0,16}?)(?:\] ?| [-–] )(.*)$/u;
const INVISIBLE = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const SPACES = /[\u00a0\u202f\t ]+/gu;
const AFTERNOON = /^(p|अपराह्न|म\.उ|பிற்பகல்|ಅಪರಾಹ್ನ|ਬਾ|م|下午|午後|오후)/iu;
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66];
const LONGEST_HEAD = 80; // letters in which another script's digits are read
const LONGEST_LINE = 2000; // letters: what names a file is short

/**
 * date: as written, three numbers in an order that the chat as a whole tells; rest: "Asha: hello", or a message of
 * WhatsApp itself
 *
 * @typedef {{date: [number, number, number], minutes: number, rest: string}} ChatLine
 */

/**
 * Null for a line that goes on with the message before it.
 *
 * @param {string} line
 * @returns {ChatLine | null}
 */
export function readLine(line) {
  const plain = line.slice(0, LONGEST_LINE).replace(INVISIBLE, "").replace(SPACES, " ").trimStart();
  const found = HEAD.exec(inAscii(plain.slice(0, LONGEST_HEAD)) + plain.slice(LONGEST_HEAD));
  if (!found) return null;
  const [, first, second, third, before, hour, minute, seconds = "0", after, rest] = found;
  const half = (before + after).trim();
  const hours = (Number(hour) % (half ? 12 : 24)) + (AFTERNOON.test(half) ? 12 : 0);
  return {
    date: [Number(first), Number(second), Number(third)],
    minutes: hours * 60 + Number(minute) + Number(seconds) / 60,
    rest,
  };
}

/** Digits of other scripts as 0 to 9. @param {string} text */
function inAscii(text) {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = Number(digit.codePointAt(0));
    const zero = ZEROS.find((each) => each <= code && code < each + 10);
    return zero === undefined ? digit : String(code - zero);
  });
}

/**
 * Who sent which file, where a message is one: `Asha: PTT-1.opus (file attached)`, `Asha: <attached: 1-AUDIO.opus>`,
 * `Asha: 1-AUDIO.opus <attached>`, in any language. A sender may have a colon in their name.
 *
 * @param {string} rest
 * @param {(name: string) => boolean} isThere whether the chat came with a file of that name
 * @returns {{sender: string, name: string} | null}
 */
export function attachmentIn(rest, isThere) {
  for (let at = rest.indexOf(": "); at > 0; at = rest.indexOf(": ", at + 1)) {
    const body = rest.slice(at + 2).trim();
    const marked = /^<[^<>:]{1,40}: ?([^<>]+)>$/u.exec(body);
    const plain = /^(.+\.[a-z0-9]{2,5}) ?(?:\([^()]{1,60}\)|<[^<>]{1,60}>)$/iu.exec(body);
    const name = (marked || plain)?.[1].trim();
    if (name && isThere(name)) return { sender: rest.slice(0, at).trim(), name };
  }
  return null;
}
