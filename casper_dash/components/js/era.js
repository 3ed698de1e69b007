// What follows from a list of eras, newest first as the API gives them. Pure.

/** The newest era whose switch block is held, or null. */
export const newestComplete = (eras) => eras?.find((era) => era.complete) ?? null;

/** The complete era before `newestComplete`, or null. */
export const completeBefore = (eras) => eras?.filter((era) => era.complete)[1] ?? null;

/** The running era, or null between a switch block and the next block. */
export const running = (eras) => (eras?.[0] && !eras[0].complete ? eras[0] : null);

/**
 * How far the running era is, measured by the median of the complete eras given:
 * {id, start, blocks, expected, share, ends, remainingMs}; what cannot be said is null.
 */
export function progress(eras, newest, now) {
  const era = running(eras);
  if (!era || !newest || era.start_block === null) return null;
  const whole = eras.filter((one) => one.complete && one.start_block !== null && one.end !== null);
  const expected = median(whole.map((one) => one.end_block - one.start_block + 1));
  const lasts = median(whole.map((one) => Date.parse(one.end) - Date.parse(one.start)));
  const blocks = newest.height - era.start_block + 1;
  const ends = lasts === null ? null : Date.parse(era.start) + lasts;
  return {
    id: era.id,
    start: era.start,
    blocks,
    expected,
    share: expected ? Math.min(100, Math.round((100 * blocks) / expected)) : null,
    ends: ends === null ? null : new Date(ends).toISOString(),
    remainingMs: ends === null || !now ? null : ends - now,
  };
}

function median(numbers) {
  if (!numbers.length) return null;
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Share of the expected blocks that are held, in percent with one decimal, never rounded up. */
export const heldShare = (network) =>
  network?.expected ? Math.floor((1000 * network.held) / network.expected) / 10 : 0;

/** The `d` of an SVG path through `field` of the eras, oldest left, in a 100 × 24 box. */
export function sparkline(eras, field) {
  const known = (eras ?? []).filter((era) => era.complete && era[field] !== null);
  const values = known.map((era) => Number(era[field])).reverse();
  if (values.length < 2) return "";
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const across = (index) => ((100 * index) / (values.length - 1)).toFixed(1);
  const up = (value) => (22 - (20 * (value - low)) / span).toFixed(1);
  const point = (value, index) => `${across(index)},${up(value)}`;
  return `M${values.map(point).join("L")}`;
}
