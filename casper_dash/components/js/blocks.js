// Blocks as the API gives them (newest first) → what the strip shows. Pure.

import { integer, utc } from "$/components/casper_dash/format";

const FULLEST = 4;

export const oldestFirst = (blocks) => blocks.toReversed();

/** Height in five steps: each step holds four times as many operations as the one below. */
export function markClass({ transfers, deploys, switch: ends }) {
  const operations = transfers + deploys;
  const step = operations ? Math.min(FULLEST, 1 + Math.floor(Math.log2(operations) / 2)) : 0;
  return `mark mark-${step}${ends ? " mark-switch" : ""}`;
}

export function describe({ height, timestamp, transfers, deploys, switch: ends }) {
  const what = `${transfers} transfers, ${deploys} deploys`;
  return `Block ${integer(height)}, ${utc(timestamp)}: ${what}${ends ? ", ends its era" : ""}`;
}
