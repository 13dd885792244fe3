// Lengths as players show them.

/** 250.4 → "4:10" */
export function clock(seconds) {
  const whole = Math.round(seconds || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
