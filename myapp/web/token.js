// The administrator's token: asked for when a change needs it, kept for this tab.
import { byID } from "./dom.js";

const KEY = "token";
let asking = null;

export function storedToken() {
  return sessionStorage.getItem(KEY);
}

/** Whether there is now another token than `refused` to try. Several uploads that fail at once ask once. */
export async function askForToken(refused) {
  if (storedToken() !== refused) return true;
  asking ??= prompt(refused !== null).finally(() => { asking = null; });
  return asking;
}

function prompt(wasRefused) {
  const dialog = byID("token-dialog");
  const input = byID("token-input");
  byID("token-text").textContent = wasRefused
    ? "That token was not accepted. Try another."
    : "It is kept in this tab only, until you close it.";
  input.value = "";
  dialog.returnValue = "no";
  dialog.showModal();
  input.focus();
  byID("token-cancel").onclick = () => dialog.close("no");
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const given = dialog.returnValue === "yes" && input.value.trim() !== "";
      if (given) sessionStorage.setItem(KEY, input.value.trim());
      input.value = "";
      resolve(given);
    }, { once: true });
  });
}
