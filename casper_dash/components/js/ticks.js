// Asks again and again while somebody looks: not in a hidden tab, not without a connection, and
// never before the answer to the last question has come.

import { useEffect, useRef } from "react";

const LOST_MS = 5_000;

export function Ticks({ stamp, everyMs, live, onTick }) {
  const asked = useRef({ stamp: null, at: 0 });
  const tick = useRef(onTick);
  tick.current = onTick;
  useEffect(() => {
    if (!live) return;
    const ask = () => {
      const waiting = asked.current.stamp === stamp && Date.now() - asked.current.at < LOST_MS;
      if (document.visibilityState === "hidden" || waiting) return;
      asked.current = { stamp, at: Date.now() };
      tick.current();
    };
    const timer = setInterval(ask, everyMs);
    return () => clearInterval(timer);
  }, [stamp, everyMs, live]);
  return null;
}

/** A click handler: Reflex looks at its socket whenever a tab is shown again. */
export const reconnect = () => () => document.dispatchEvent(new Event("visibilitychange"));
