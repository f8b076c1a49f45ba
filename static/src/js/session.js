// How long the sign-in lasts: two minutes before its end a dialog asks; at its end the page is hidden at once, what was
// typed goes to the server for its owner, and the way back is signing in. "Hide and lock" does the same when pressed.
const WARN_SECONDS = 120;
const ALIVE_MS = 240000;
const ADDRESS = "/accounts/left/";
const channel = "BroadcastChannel" in window ? new BroadcastChannel("safeguarding-lock") : null;

export function watchSession() {
  const form = document.querySelector("form[data-lock]");
  if (!form) return;
  watchLock(form);
  const seconds = Number(document.documentElement.dataset.secondsLeft);
  if (seconds) count(form, seconds);
}

function watchLock(form) {
  form.addEventListener("submit", () => hide(form));
  channel?.addEventListener("message", () => lock(form, "locked"));
}

function lock(form, why) {
  if (document.documentElement.classList.contains("leaving")) return;
  add(form, "lock_why", why);
  form.requestSubmit();
}

function hide(form) {
  document.documentElement.classList.add("leaving");
  document.title = "Locked";
  const typed = document.querySelector("main form[method=post][data-once], main form[data-autosave]");
  if (typed)
    for (const [name, value] of new FormData(typed))
      if (typeof value === "string" && !["csrfmiddlewaretoken", "kept_for", "version"].includes(name)) add(form, name, value);
  if (channel && !form.elements.lock_why) channel.postMessage("lock");
}

function add(form, name, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name, value });
  form.append(input);
}

function count(form, seconds) {
  let ends = performance.now() + seconds * 1000;
  let typedAt = -Infinity;
  let toldAt = performance.now();
  const dialog = warning(async () => {
    ends = performance.now() + (await ask(form, "POST")) * 1000;
  });

  addEventListener("input", () => {
    typedAt = performance.now();
    if (typedAt - toldAt > ALIVE_MS) {
      toldAt = typedAt;
      ask(form, "POST").then((left) => (ends = performance.now() + left * 1000), () => {});
    }
  });

  const look = async () => {
    const left = (ends - performance.now()) / 1000;
    if (left <= 0) return finish();
    if (left <= WARN_SECONDS && !dialog.open) {
      const real = await ask(form, "GET").catch(() => left);
      ends = performance.now() + real * 1000;
      if (real <= WARN_SECONDS) dialog.showModal();
    }
  };

  const finish = async () => {
    const real = await ask(form, "GET").catch(() => 0);
    if (real > 0) ends = performance.now() + real * 1000;
    else lock(form, "idle");
  };

  setInterval(look, 5000);
  addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
}

async function ask(form, method) {
  const body = method === "POST" ? new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value }) : undefined;
  const answer = await fetch(ADDRESS, { method, body, credentials: "same-origin" });
  return (await answer.json()).left;
}

function warning(stay) {
  const dialog = document.createElement("dialog");
  dialog.className = "session-warning";
  const words = document.createElement("p");
  words.textContent = "You will be signed out in two minutes. What you typed is kept.";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button";
  button.textContent = "Stay signed in";
  dialog.setAttribute("aria-label", "Signing out soon");
  dialog.append(words, button);
  document.body.append(dialog);
  button.addEventListener("click", async () => {
    dialog.close();
    await stay().catch(() => {});
  });
  return dialog;
}
