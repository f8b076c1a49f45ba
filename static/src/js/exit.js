// [data-exit]: leave at once for a harmless page, with no way back. Escape pressed three times does the same.
const PRESSES = 3;
const WITHIN_MS = 5000;

export function watchExit() {
  const link = document.querySelector("[data-exit]");
  if (!link) return;
  const href = link.href || link.dataset.exit;
  const leave = () => {
    document.documentElement.classList.add("leaving");
    document.title = "";
    location.replace(href);
  };
  document.querySelectorAll("[data-exit]").forEach((each) =>
    each.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    }),
  );
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
    if (presses.length >= PRESSES) leave();
  });
}
