// <form data-autosave="URL">: what is typed goes to the server two seconds after the last key, and at once when the
// page is hidden. Nothing is kept in the browser. The outcome stands in [data-autosave-status] (role=status).
const QUIET_MS = 2000;
const RETRY_MS = 10000;
const KEEPALIVE_BYTES = 60000;
const SIGNED_OUT = "You have been signed out. Press a button below: you sign in again, and what you typed is kept.";

export function watchAutosave() {
  document.querySelectorAll("form[data-autosave]").forEach(autosave);
}

function autosave(form) {
  let timer = 0;
  let dirty = false;
  let sending = null;
  let stopped = false;

  const plan = (ms) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(save, ms);
  };

  async function save(leaving = false) {
    if (stopped || !dirty || (sending && !leaving)) return;
    clearTimeout(timer);
    dirty = false;
    const mine = (sending = new AbortController());
    const answer = await send(form, leaving, mine.signal);
    const saved = answer?.ok ?? false;
    if (sending === mine) sending = null;
    if (!saved) dirty = true;
    if (stopped || mine.signal.aborted) return;
    // A redirect leads to signing in: trying again would change nothing.
    if (answer?.type === "opaqueredirect") {
      stopped = true;
      report(form, SIGNED_OUT);
      return;
    }
    report(form, saved ? `Saved at ${clock()}` : "Not saved: check your connection");
    if (dirty) plan(saved ? QUIET_MS : RETRY_MS);
  }

  const changed = () => {
    dirty = true;
    plan(QUIET_MS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    stopped = true;
    clearTimeout(timer);
    sending?.abort();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
  addEventListener("online", () => save());
  addEventListener("pageshow", () => {
    stopped = false;
  });
}

// Resolves to the server's answer, or to nothing where it cannot be reached.
async function send(form, leaving, signal) {
  const body = new FormData(form);
  let size = 0;
  for (const [name, value] of body) size += name.length + 3 * (value.length ?? KEEPALIVE_BYTES) + 200;
  try {
    return await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      headers: { "X-Autosave": "1" },
      credentials: "same-origin",
      redirect: "manual",
      keepalive: leaving && size < KEEPALIVE_BYTES,
      signal,
    });
  } catch {
    return null;
  }
}

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function report(form, words) {
  const status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
  if (!status) return;
  if (status.textContent !== words) status.textContent = words;
}
