// Single keys that press the controls of a page, with a switch to turn them off: WCAG 2.1.4.
//
// A control carries its key as `data-key`, one of a row as `data-row-key`. Rows carry `data-row`,
// and what has the focus in a row `data-focus`.

import { createElement, useEffect, useState } from "react";

const KEPT = "shortcuts";
const TEXT = "textarea, select, input:not([type=checkbox])";

export function Keys({ label }) {
  const [on, setOn] = useState(false); // until the browser's own choice is read
  useEffect(() => setOn(localStorage.getItem(KEPT) !== "off"), []);
  useEffect(() => {
    if (!on) return;
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [on]);
  const change = (event) => {
    localStorage.setItem(KEPT, event.target.checked ? "on" : "off");
    setOn(event.target.checked);
  };
  const box = createElement("input", { type: "checkbox", checked: on, onChange: change });
  return createElement("label", { className: "check" }, box, label);
}

function press(event) {
  const held = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (held || event.target.matches(TEXT) || document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
    return;
  }
  const control = ofRow(event) ?? document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!control || control.disabled) return;
  event.preventDefault();
  control.click();
}

function ofRow(event) {
  const pressesItself = event.key === "Enter" && event.target.matches("a, button, summary");
  if (pressesItself) return null;
  return event.target.closest("[data-row]")?.querySelector(`[data-row-key="${CSS.escape(event.key)}"]`);
}

function move(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.indexOf(document.activeElement.closest("[data-row]"));
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next]?.querySelector("[data-focus]:not(:disabled)")?.focus();
}
