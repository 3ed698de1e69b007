// Signing in and out: forms sent to plain routes, since a socket can neither set nor end a cookie.

import { useEffect, useSyncExternalStore } from "react";

const AUTH = "/admin/auth";
const PANEL = "/admin/";
const START = { step: "form", busy: false, error: "", answer: {}, token: null };

class Refused extends Error {}

async function post(path, body) {
  const options = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(`${AUTH}/${path}`, options);
  } catch {
    throw new Refused("The server cannot be reached. Is your connection up?");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Refused(sentence(said.error ?? `The server answered ${answer.status}.`));
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;

const goHome = () => {
  // the next socket has to carry the new cookie, and this tab's state is of whoever was here before
  sessionStorage.clear();
  location.assign(PANEL);
};

/** Which step of a form comes after an answer; null: the panel itself. */
function stepAfter(answer) {
  if (answer.recovery_codes) return "codes";
  if (answer.state === "signed-in") return null;
  return answer.state ?? "invited";
}

// One form a page, which many components show parts of: so its state is the module's.
let now = START;
let shownAt = null;
const listeners = new Set();

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(changes) {
  const moved = "step" in changes && changes.step !== now.step;
  now = { ...now, ...changes };
  listeners.forEach((listener) => listener());
  // the form with the focus is gone: a keyboard goes on where the next step begins
  if (moved) setTimeout(() => document.getElementById("content")?.focus());
}

async function run(work) {
  change({ busy: true, error: "" });
  try {
    const answer = await work();
    const step = stepAfter(answer);
    if (step === null) goHome();
    else change({ step, busy: false, answer });
  } catch (error) {
    if (!(error instanceof Refused)) console.warn(error);
    const text = error instanceof Refused ? error.message : "This browser could not do it.";
    change({ busy: false, error: text });
  }
}

/** The page begins anew; the token of a link stands behind its #, which no server sees. */
function open(lookAt) {
  if (shownAt === location.pathname) return;
  shownAt = location.pathname;
  const token = location.hash.slice(1);
  now = { ...START, token };
  if (lookAt && token) run(() => post(lookAt, { token }));
  else change(lookAt ? { step: "no-link" } : {});
}

const send = (path) => (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.currentTarget));
  run(() => post(path, fields));
};

const usePasskey = () =>
  run(async () => {
    const { ceremony, options } = await post("passkey-sign-in/begin", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ publicKey });
    return post("passkey-sign-in", { ceremony, credential: credential.toJSON() });
  });

const addPasskey = (event) => {
  event.preventDefault();
  const { name, password } = Object.fromEntries(new FormData(event.currentTarget));
  run(async () => {
    const { ceremony, options } = await post("passkeys/begin", { password });
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    const credential = await navigator.credentials.create({ publicKey });
    await post("passkeys", { ceremony, name, credential: credential.toJSON() });
    return { state: "added" };
  });
};

const finish = (event) => {
  event.preventDefault();
  goHome();
};

/**
 * What a page of signing in shows and does: {step, busy, error, answer, token, send(path),
 * usePasskey, addPasskey, finish}. `send` makes a submit handler that posts the form's fields.
 */
export function useSigning(lookAt) {
  const seen = useSyncExternalStore(subscribe, () => now, () => START);
  useEffect(() => open(lookAt), [lookAt]);
  return { ...seen, send, usePasskey, addPasskey, finish };
}

/** The link to a picture of `svg`, which as an image runs no script. */
export const picture = (svg) => (svg ? `data:image/svg+xml,${encodeURIComponent(svg)}` : "");

/** The link to a text file of these lines. */
export const textFile = (lines) => `data:text/plain,${encodeURIComponent((lines ?? []).join("\n"))}`;

/** A click handler that ends the session, and this tab's state with it. */
export const signOut = () => async () => {
  await post("sign-out", {}).catch(console.warn);
  sessionStorage.clear();
  location.assign(`${PANEL}sign-in/`);
};
