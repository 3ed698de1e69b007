// ECharts behind one prop: `option`, plain JSON. The library comes after the page, on its own.
//
// In an option a string that starts with "--" is a design token and becomes that colour, "hatch"
// becomes the pattern of a gap, and a formatter or a tooltip is the name of one in `texts`.

import { createElement, useEffect, useRef } from "react";
import { useTheme } from "$/utils/react-theme";
import { texts } from "$/components/casper_dash/chart_texts";

const HATCH_SIZE = 8;

export function Chart({ option, label }) {
  const box = useRef(null);
  const chart = useRef(null);
  const newest = useRef(option);
  const { resolvedTheme } = useTheme();
  newest.current = option;

  useEffect(() => {
    let stop = () => {};
    let left = false;
    import("$/components/casper_dash/echarts").then(({ init }) => {
      if (left) return;
      chart.current = init(box.current);
      draw(chart.current, newest.current);
      const sizes = new ResizeObserver(() => chart.current?.resize());
      sizes.observe(box.current);
      stop = () => sizes.disconnect();
    });
    return () => {
      left = true;
      stop();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    // One frame later the theme's class, set by another effect, is on the root element.
    const frame = requestAnimationFrame(() => draw(chart.current, option));
    return () => cancelAnimationFrame(frame);
  }, [option, resolvedTheme]);

  const props = { ref: box, className: "chart-canvas", role: "img", "aria-label": label };
  return createElement("div", props);
}

function draw(chart, option) {
  if (!chart || !option) return;
  const styles = getComputedStyle(document.documentElement);
  const animation = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const drawn = { ...resolve(option, styles), animation, animationDuration: 150 };
  chart.setOption(drawn, { notMerge: true });
}

function resolve(value, styles, key) {
  if (key === "data") return value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, styles));
  if (value !== null && typeof value === "object") {
    const parts = Object.entries(value).map(([name, item]) => [name, resolve(item, styles, name)]);
    return Object.fromEntries(parts);
  }
  return typeof value === "string" ? named(value, styles, key) : value;
}

function named(value, styles, key) {
  if (key === "formatter" && value in texts) return texts[value];
  if (value === "hatch") return hatch(styles);
  return value.startsWith("--") ? styles.getPropertyValue(value).trim() : value;
}

function hatch(styles) {
  const image = document.createElement("canvas");
  image.width = image.height = HATCH_SIZE;
  const pen = image.getContext("2d");
  pen.strokeStyle = styles.getPropertyValue("--hatch").trim();
  pen.lineWidth = 1;
  for (const shift of [-HATCH_SIZE, 0, HATCH_SIZE]) {
    pen.moveTo(shift, HATCH_SIZE);
    pen.lineTo(shift + HATCH_SIZE, 0);
  }
  pen.stroke();
  return { image, repeat: "repeat" };
}
