// <form data-autosave="URL">: what is typed goes to the server two seconds after the last key, and at once when the
// page is hidden. Nothing is kept in the browser. The outcome stands in [data-autosave-status] (role=status).
const QUIET_MS = 2000;
const RETRY_MS = 10000;
const KEEPALIVE_BYTES = 60000;

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
    const saved = await send(form, leaving, mine.signal);
    if (sending === mine) sending = null;
    if (!saved) dirty = true;
    if (stopped || mine.signal.aborted) return;
    report(form, saved);
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

// Resolves to whether the server kept it. A redirect means that the session has ended: not saved.
async function send(form, leaving, signal) {
  const body = new FormData(form);
  let size = 0;
  for (const [name, value] of body) size += name.length + 3 * (value.length ?? KEEPALIVE_BYTES) + 200;
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body,
      headers: { "X-Autosave": "1" },
      credentials: "same-origin",
      redirect: "manual",
      keepalive: leaving && size < KEEPALIVE_BYTES,
      signal,
    });
    return answer.ok;
  } catch {
    return false;
  }
}

function report(form, saved) {
  const status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
  if (!status) return;
  const time = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const words = saved ? `Saved at ${time}` : "Not saved: check your connection";
  if (status.textContent !== words) status.textContent = words;
}
