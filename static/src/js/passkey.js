// <form data-passkey="get|create">: asks the device, puts its answer into `credential`, and sends the form.
// The question stands in #passkey-options, or is asked for at data-passkey-options.
const NOT_DONE = "The passkey was not used. Try again, or choose another way.";

export function watchPasskeys() {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    document.querySelectorAll(".passkey-missing").forEach((said) => (said.hidden = true));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form).catch(() => {
        form.querySelector("[data-passkey-trouble]").textContent = NOT_DONE;
      });
    });
  });
}

async function answer(form) {
  const { publicKey } = await question(form);
  const creating = form.dataset.passkey === "create";
  const credential = creating
    ? await navigator.credentials.create({ publicKey: decode({ ...publicKey, ...resident(publicKey) }) })
    : await navigator.credentials.get({ publicKey: decode(publicKey) });
  form.elements.credential.value = JSON.stringify(encode(credential));
  const shared = document.querySelector("[data-sign-in] [name=shared]");
  if (shared?.checked && !form.elements.shared) {
    const copy = document.createElement("input");
    Object.assign(copy, { type: "hidden", name: "shared", value: "on" });
    form.append(copy);
  }
  form.submit();
}

async function question(form) {
  const address = form.dataset.passkeyOptions;
  if (!address) return JSON.parse(document.getElementById("passkey-options").textContent);
  const asked = await fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
  return (await asked.json()).request_options;
}

// Every passkey can sign in by itself, so the device must keep it and ask for a finger, a face or a PIN.
const resident = ({ authenticatorSelection }) => ({
  authenticatorSelection: { ...authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" },
});

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const keys = (list) => list?.map((key) => ({ ...key, id: toBytes(key.id) }));

function decode(options) {
  const decoded = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) decoded.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.excludeCredentials) decoded.excludeCredentials = keys(options.excludeCredentials);
  if (options.allowCredentials) decoded.allowCredentials = keys(options.allowCredentials);
  return decoded;
}

function encode(credential) {
  const { id, rawId, type, response } = credential;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) parts[name] = toText(response[name]);
  if (response.getTransports) parts.transports = response.getTransports();
  return { id, rawId: toText(rawId), type, response: parts, clientExtensionResults: credential.getClientExtensionResults() };
}
