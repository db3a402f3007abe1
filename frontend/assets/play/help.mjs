// The list of keys.

import { el } from "../dom.mjs";
import { openModal } from "../modal.mjs";
import { KEYS } from "./keys.mjs";

/** Show the keys until they are dismissed. */
export function openHelp() {
  if (document.querySelector("dialog.keys[open]")) return;
  const dialog = el("dialog", { class: "keys", "aria-label": "Keys" },
    el("h2", {}, "Keys"),
    el("dl", {}, KEYS.flatMap(([key, words]) => [el("dt", {}, ...key.split(" ").map((part) => el("kbd", {}, part))), el("dd", {}, words)])),
    el("a", { class: "chip", href: "/glossary" }, "Glossary: what is a fold?"), " ",
    el("button", { type: "button", class: "chip", autofocus: true, onclick: () => dialog.close() }, "Close"));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  openModal(dialog);
}
