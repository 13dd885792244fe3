// What of a clip has been heard. A seek covers nothing: only what sounded counts.

/** Stretches of time in order, those that touch joined. */
export function joined(ranges, slack = 0.02) {
  const sorted = ranges.filter(([from, to]) => to > from).sort((a, b) => a[0] - b[0]);
  const out = [];
  for (const [from, to] of sorted) {
    const last = out[out.length - 1];
    if (last && from <= last[1] + slack) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** What of a clip of that length was not heard. */
export function unheard(ranges, seconds) {
  const gaps = [];
  let at = 0;
  for (const [from, to] of joined(ranges)) {
    if (from > at) gaps.push([at, Math.min(from, seconds)]);
    at = Math.max(at, to);
  }
  if (at < seconds) gaps.push([at, seconds]);
  return gaps;
}

/** Whether a clip was heard whole. A quarter second at a time may be missing: players round, codecs pad. */
export function heardWhole(ranges, seconds) {
  return unheard(ranges, seconds).every(([from, to]) => to - from <= 0.25);
}

/** The ranges that a media element has played. */
export function playedBy(media) {
  const { played } = media;
  return Array.from({ length: played.length }, (_, index) => [played.start(index), played.end(index)]);
}
