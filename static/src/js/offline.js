// A form that is sent without a network would be answered by the browser's own page, with what was typed gone from sight.
// So it is not sent: the page stays, says so, and names 999.
const WORDS = "You are offline. Nothing was sent, and what you typed is still here. If anyone is in danger, ring 999.";

export function watchOffline() {
  document.addEventListener(
    "submit",
    (event) => {
      if (navigator.onLine || event.target.method !== "post" || event.target.matches("[data-lock]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      tell(event.target);
    },
    true,
  );
  addEventListener("online", () => document.querySelectorAll("[data-offline]").forEach((said) => said.remove()));
}

function tell(form) {
  form.querySelector("[data-offline]")?.remove();
  const said = document.createElement("p");
  said.className = "notification notification--error notification__text";
  said.setAttribute("role", "alert");
  said.dataset.offline = "";
  said.textContent = WORDS;
  form.append(said);
  said.scrollIntoView({ block: "nearest" });
}
