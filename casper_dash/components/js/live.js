// What moves by itself and can be stopped: the clock, and lists that follow the chain.

import { useSyncExternalStore } from "react";

const held = new Map();
const listeners = new Set();
let now = null;
let ticking = null;

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const notify = () => listeners.forEach((listener) => listener());

function subscribeClock(listener) {
  const unsubscribe = subscribe(listener);
  ticking ??= setInterval(tick, 1000);
  if (now === null) tick();
  return unsubscribe;
}

function tick() {
  if (document.visibilityState === "hidden") return;
  now = Date.now();
  notify();
}

/** Milliseconds since 1970, once a second; null in the exported HTML, which has no time. */
export const useNow = () => useSyncExternalStore(subscribeClock, () => now, () => null);

/** `value` as it comes, or as it was when the list `name` was paused: {value, paused, toggle}. */
export function usePausable(name, value) {
  const stopped = useSyncExternalStore(subscribe, () => held.get(name) ?? null, () => null);
  const toggle = () => {
    if (!held.delete(name)) held.set(name, { value });
    notify();
  };
  return { value: stopped ? stopped.value : value, paused: stopped !== null, toggle };
}
