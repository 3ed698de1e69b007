// Filters that live in the address, so that a view can be linked, kept and gone back to.

import { useSyncExternalStore } from "react";
import { useLocation } from "react-router";

const never = () => () => {};

/** {value, href(choice)} of the address's parameter `name`; what is no choice is `standard`. */
export function useQuery(name, choices, standard) {
  const { search } = useLocation();
  // The exported HTML knows no query: the first render has to match it, the second may not.
  const inBrowser = useSyncExternalStore(never, () => true, () => false);
  const params = new URLSearchParams(inBrowser ? search : "");
  const asked = params.get(name);
  return {
    value: choices.includes(asked) ? asked : standard,
    href: (choice) => {
      const changed = new URLSearchParams(params);
      changed.set(name, choice);
      return `?${changed}`;
    },
  };
}
