// Eras, newest first as the API gives them → the ECharts option of a chart over eras. Pure.

import { cspr, csprNumber, integer } from "$/components/casper_dash/format";

const MOTES = "motes";

/**
 * `series`: {field, name, token, kind: "area" | "line" | "bar", unit: "motes" | "count", down}.
 *
 * Only complete eras are drawn. Where one is missing or unknown the line stops and the gap is
 * hatched: nothing is interpolated.
 */
export function eraOption(eras, series) {
  const drawn = oldestFirst(eras);
  const gaps = gapsBetween(drawn, series);
  return {
    useUTC: true,
    grid: {
      left: 8,
      right: 16,
      top: 16,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "time",
      axisLine: { lineStyle: { color: "--hairline" } },
      axisTick: { show: false },
      axisLabel: { color: "--text-3", fontSize: 12, hideOverlap: true, formatter: TIME_LABELS },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      axisLabel: { color: "--text-3", fontSize: 12, formatter: TICKS[series[0].unit] },
      splitLine: { lineStyle: { color: "--hairline" } },
      splitNumber: 4,
    },
    tooltip: {
      trigger: "axis",
      className: "tooltip",
      formatter: "era-tooltip",
      axisPointer: { type: "line", lineStyle: { color: "--text-3", type: "dashed" } },
    },
    series: series.map((one, index) => ({
      ...SHAPES[one.kind],
      ...(one.kind === "bar" && { barWidth: barWidth(drawn.length) }),
      id: one.token,
      name: one.name,
      color: `--series-${one.token}`,
      data: points(drawn, one),
      ...(index === 0 && { markArea: { ...GAP, data: gaps } }),
    })),
  };
}

const GAP = { silent: true, itemStyle: { color: "hatch" } };
const TICKS = { motes: "cspr-axis", count: "count-axis" };

const SHAPES = {
  area: {
    type: "line",
    stack: "parts",
    symbol: "none",
    lineStyle: { width: 1.5 },
    areaStyle: { opacity: 0.28 },
  },
  line: { type: "line", symbol: "none", lineStyle: { width: 2 } },
  bar: { type: "bar", stack: "bars" },
};

const TIME_LABELS = {
  year: "{yyyy}",
  month: "{MMM} {yyyy}",
  day: "{d} {MMM}",
  hour: "{HH}:{mm}",
  minute: "{HH}:{mm}",
  second: "{HH}:{mm}:{ss}",
};

// Left to itself ECharts makes every bar as thin as the shortest era asks for.
const barWidth = (bars) => Math.max(1, Math.min(16, Math.floor(600 / bars)));

const oldestFirst = (eras) =>
  (eras ?? []).filter((era) => era.complete && era.end !== null).toReversed();

function points(eras, { field, unit, down }) {
  return eras.flatMap((era, index) => {
    const point = era[field] === null ? unknown(era) : known(era, era[field], unit, down);
    const next = eras[index + 1];
    return next && next.id > era.id + 1 ? [point, between(era, next)] : [point];
  });
}

const unknown = (era) => [era.end, null, "not known", era.id];

function known(era, value, unit, down) {
  const number = unit === MOTES ? csprNumber(value) : Number(value);
  const text = unit === MOTES ? `${cspr(value, 2)} CSPR` : integer(value);
  return [era.end, down ? -number : number, text, era.id];
}

/** A point without a value where eras are missing: it breaks the line. */
function between(era, next) {
  const middle = (Date.parse(era.end) + Date.parse(next.end)) / 2;
  return [new Date(middle).toISOString(), null, "not held", era.id + 1];
}

function gapsBetween(eras, series) {
  const lacks = (era) => series.some(({ field }) => era[field] === null);
  return eras.slice(1).flatMap((era, index) => {
    const before = eras[index];
    const gap = era.id > before.id + 1 || lacks(era);
    return gap ? [[{ xAxis: before.end }, { xAxis: era.end }]] : [];
  });
}

/** One sentence on the newest era drawn, for who does not see the chart. */
export function eraSummary(eras, series) {
  const drawn = oldestFirst(eras);
  if (!drawn.length) return "No complete era to draw yet.";
  const [first, last] = [drawn[0], drawn.at(-1)];
  const values = series.map(
    ({ field, name, unit }) => `${name.toLowerCase()} ${exact(last[field], unit)}`,
  );
  return `Eras ${integer(first.id)} to ${integer(last.id)}; in the last ${values.join(", ")}.`;
}

function exact(value, unit) {
  if (value === null) return "not known";
  return unit === MOTES ? `${cspr(value, 0)} CSPR` : integer(value);
}
