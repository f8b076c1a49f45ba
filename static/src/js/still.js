// [data-still="URL"]: on focus, and every minute, the page asks whether its reader may still see it. Once they may not, its
// content goes at once, and they are led to data-leave. No answer at all says nothing: the page stays.
const EVERY_MS = 60000;

export function watchStill() {
  const page = document.querySelector("[data-still]");
  if (!page) return;
  const ask = async () => {
    if (!(await mayStay(page.dataset.still))) leave(page.dataset.leave);
  };
  setInterval(ask, EVERY_MS);
  addEventListener("focus", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
}

async function mayStay(address) {
  try {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
    return answer.type !== "opaqueredirect" && answer.status !== 404 && answer.status !== 403;
  } catch {
    return true;
  }
}

function leave(address) {
  document.body.replaceChildren();
  document.title = "";
  location.replace(address);
}
