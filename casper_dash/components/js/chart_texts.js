// The texts inside charts, by the names that options use.

import { integer, utc } from "$/components/casper_dash/format";

const UNITS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];

/** 12 B, −1.5 M: ticks are round numbers, so floats are exact for them. */
function csprTick(value) {
  const [size, unit] = UNITS.find(([size]) => Math.abs(value) >= size) ?? [1, ""];
  const number = String(Number((value / size).toPrecision(3))).replace("-", "−");
  return unit ? `${number}\u2009${unit}` : number;
}

const countTick = (value) => integer(Math.round(Math.abs(value)));

function line(className, ...parts) {
  const element = document.createElement("div");
  element.className = className;
  element.append(...parts);
  return element;
}

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

function seriesRow({ seriesName, seriesId, value }) {
  const swatch = span(`swatch swatch-${seriesId}`, "");
  return line("tooltip-row", swatch, seriesName, span("tooltip-value", value[2]));
}

/** Of points `[time, number, exact text, era id]`: date, era, and every series' exact value. */
function eraTooltip(points) {
  const [time, , , era] = points[0].value;
  const title = line("tooltip-title", `Era ${integer(era)} · ${utc(time)}`);
  return [title, ...points.map(seriesRow)];
}

export const texts = {
  "cspr-axis": csprTick,
  "count-axis": countTick,
  "era-tooltip": eraTooltip,
};
