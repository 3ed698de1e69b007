// Values of the API → the text on screen. Amounts are strings of motes and stay BigInt.

const MOTES_PER_CSPR = 10n ** 9n;
const THIN_SPACE = "\u2009";
const NO_VALUE = "–";
const COMPACT = [
  [10n ** 12n, "T"],
  [10n ** 9n, "B"],
  [10n ** 6n, "M"],
  [10n ** 3n, "k"],
];

const isKnown = (value) => value !== null && value !== undefined;

const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);

// Half to even, as bankers round: ties do not pile up in one direction.
function divideRounded(dividend, divisor) {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

function decimal(scaled, decimals) {
  const digits = scaled.toString().padStart(decimals + 1, "0");
  const whole = grouped(digits.slice(0, digits.length - decimals));
  return decimals ? `${whole}.${digits.slice(-decimals)}` : whole;
}

function signed(value, text) {
  const number = BigInt(value);
  return number < 0n ? "−" + text(-number) : text(number);
}

/** 13 087 471 947 with thin spaces. */
export const integer = (value) =>
  isKnown(value) ? signed(value, (number) => grouped(number.toString())) : NO_VALUE;

/** CSPR with exactly `decimals` digits after the point. */
export const cspr = (motes, decimals) =>
  isKnown(motes)
    ? signed(motes, (amount) =>
        decimal(divideRounded(amount * 10n ** BigInt(decimals), MOTES_PER_CSPR), decimals),
      )
    : NO_VALUE;

/** Four significant digits: 13.09 B, 412.5 M, 1.204 k. */
export const compactCspr = (motes) => (isKnown(motes) ? signed(motes, compact) : NO_VALUE);

function compact(amount) {
  const [size, unit] = COMPACT.find(([size]) => amount >= size * MOTES_PER_CSPR) ?? [1n, ""];
  const whole = amount / (size * MOTES_PER_CSPR);
  const decimals = Math.max(0, unit ? 4 - whole.toString().length : 2);
  const scaled = divideRounded(amount * 10n ** BigInt(decimals), size * MOTES_PER_CSPR);
  return decimal(scaled, decimals) + (unit && THIN_SPACE + unit);
}

/** Every digit, for titles and copies: "1 204.5 CSPR = 1204500000000 motes". */
export function exactCspr(motes) {
  if (!isKnown(motes)) return "not known yet";
  const text = cspr(motes, 9).replace(/\.?0+$/, "");
  return `${text} CSPR = ${motes} motes`;
}

/** CSPR as a float: only for the place of a point in a drawing. */
export const csprNumber = (motes) => Number(BigInt(motes)) / Number(MOTES_PER_CSPR);

/** `part` of `whole` in percent with one decimal; two significant digits below 0.1 %. */
export function percent(part, whole) {
  if (!isKnown(part) || !isKnown(whole) || BigInt(whole) === 0n) return NO_VALUE;
  const millionths = Number((BigInt(part) * 100_000_000n) / BigInt(whole)) / 1_000_000;
  const small = millionths !== 0 && Math.abs(millionths) < 0.1;
  return `${small ? Number(millionths.toPrecision(2)) : millionths.toFixed(1)} %`;
}

/** 0 to 1000, for the width of a bar. */
export const perMille = (part, whole) =>
  isKnown(part) && isKnown(whole) && BigInt(whole) > 0n
    ? Number((BigInt(part) * 1000n) / BigInt(whole))
    : 0;

/** Sum of amounts; null as soon as one is not known. */
export const sum = (...amounts) =>
  amounts.every(isKnown) ? String(amounts.reduce((total, one) => total + BigInt(one), 0n)) : null;

/** `now − before` with its sign; null when either is not known. */
export const change = (now, before) =>
  isKnown(now) && isKnown(before) ? (BigInt(now) - BigInt(before)).toString() : null;

/** "▲ +0.9 M", "▼ −12", "no change". */
export function delta(difference, kind) {
  if (!isKnown(difference)) return "";
  const number = BigInt(difference);
  if (number === 0n) return "no change";
  const size = (number < 0n ? -number : number).toString();
  const text = kind === "cspr" ? compactCspr(size) : integer(size);
  return number < 0n ? `▼ −${text}` : `▲ +${text}`;
}

/** 2026-11-24 13:05:12 UTC. */
export const utc = (time) =>
  isKnown(time) ? `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC` : NO_VALUE;

/** 13:05:12, where the date stands beside it or does not matter. */
export const clock = (time) =>
  isKnown(time) ? new Date(time).toISOString().slice(11, 19) : NO_VALUE;

/** "45 s", "1 min 05 s", "1 h 58 min", "3 d 4 h". */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "12 s ago"; a node's clock a little ahead of ours is "just now". */
export function ago(time, now) {
  if (!isKnown(time) || !now) return NO_VALUE;
  const passed = now - Date.parse(time);
  return passed < 1000 ? "just now" : `${duration(passed)} ago`;
}

/** First and last six characters: fewer invite look-alikes. */
export const shortHash = (hash) =>
  !isKnown(hash) ? NO_VALUE : hash.length <= 14 ? hash : `${hash.slice(0, 6)}…${hash.slice(-6)}`;
