// The service worker keeps the emergency card. Its address is the only one that the page's one Trusted Types
// policy lets through.
const WORKER = "/sw.js";

export function registerWorker() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(trusted(WORKER)).catch(() => {});
}

function trusted(address) {
  const rules = {
    createScriptURL(asked) {
      if (asked !== WORKER) throw new TypeError("Not a script of ours");
      return asked;
    },
  };
  return (window.trustedTypes?.createPolicy("safeguarding", rules) ?? rules).createScriptURL(address);
}
