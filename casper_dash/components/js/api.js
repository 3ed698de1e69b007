// The JSON API as a React hook: polls, keeps the last good answer, says what failed.

import { useEffect, useRef, useSyncExternalStore } from "react";
import useSWR, { mutate, unstable_serialize, useSWRConfig } from "swr";

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
const TIMEOUT_MS = 8_000;

const failures = new Map();

class ApiError extends Error {
  constructor(path, { code = null, detail, requestId = null }) {
    super(detail);
    Object.assign(this, { path: path.split("?")[0], code, detail, requestId });
  }
}

const apiUrl = () => globalThis.casperDash?.apiUrl ?? "";

async function fetchJson(path) {
  const answer = await ask(path);
  if (!answer.ok) throw await refusal(path, answer);
  failures.delete(path);
  return { body: await answer.json(), at: Date.now() };
}

async function ask(path) {
  try {
    // Asked because it changed: a browser's own stale-while-revalidate would give the answer
    // before. The ETag makes it cheap, and caches on the way still obey s-maxage.
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return await fetch(apiUrl() + path, { cache: "no-cache", signal });
  } catch (cause) {
    const slow = cause.name === "TimeoutError";
    const detail = slow ? `no answer within ${TIMEOUT_MS / 1000} s` : "the API cannot be reached";
    throw new ApiError(path, { detail });
  }
}

async function refusal(path, answer) {
  const problem = await answer.json().catch(() => ({}));
  return new ApiError(path, {
    code: answer.status,
    detail: problem.detail ?? problem.title ?? `the API answered ${answer.status}`,
    requestId: answer.headers.get("X-Request-ID"),
  });
}

// Through the cache and not through the component that asked: a failure replaces that component.
function retryLater({ path }, key) {
  const failed = (failures.get(path) ?? 0) + 1;
  failures.set(path, failed);
  const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failed - 1));
  setTimeout(() => whenVisible(() => mutate(key)), wait);
}

function whenVisible(action) {
  if (document.visibilityState === "visible") action();
  else document.addEventListener("visibilitychange", action, { once: true });
}

/**
 * What `path` answers: {data, error, stale, loading, at, retry}.
 *
 * Asks again every `everyMs` (0: never) while the tab is visible, and whenever `version`
 * changes; nothing is asked while `version` is null. After a failure `data` stays what it
 * was and `stale` is true.
 */
export function useResource(path, { everyMs = 0, version = "" } = {}) {
  const key = version === null || version === undefined ? null : [path, version];
  useOnlyNewest(unstable_serialize(key));
  const { data, error, mutate: askAgain } = useSWR(key, ([path]) => fetchJson(path), {
    refreshInterval: everyMs,
    keepPreviousData: true,
    // Every component that shows the resource polls; together they ask once.
    dedupingInterval: Math.max(500, everyMs - 200),
    onErrorRetry: retryLater,
  });
  return {
    data: data?.body ?? null,
    at: data?.at ?? null,
    error: error ?? null,
    stale: Boolean(error && data),
    loading: !data && !error,
    retry: () => askAgain(),
  };
}

// A page that stays open for days would keep every version that it ever showed.
function useOnlyNewest(key) {
  const { cache } = useSWRConfig();
  const shown = useRef(key);
  useEffect(() => {
    if (shown.current !== key) cache.delete(shown.current);
    shown.current = key;
  }, [cache, key]);
}

const never = () => () => {};

/** Where the API answers: "" for the page's own origin. The exported HTML does not know it. */
export const useApiUrl = () => useSyncExternalStore(never, apiUrl, () => "");
