// <form data-once>: a second press while the first is on its way does nothing. The button stays enabled, so that
// its value is sent. The form opens again when the page comes back, and after a while for a network that stalled;
// the server knows a draft that arrives twice.
const STALLED_MS = 20000;

export function watchOnce() {
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]") || event.defaultPrevented) return;
    if (performance.now() - (sent.get(form) ?? -Infinity) < STALLED_MS) event.preventDefault();
    else sent.set(form, performance.now());
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((form) => sent.delete(form)));
}
