// The top bar: where we are, health, connection, share. Pages speak to it by events on the window:
//   fs:connection {detail: {state, since, tries} | null}     fs:toast {detail: "text"}     fs:help    fs:share {detail: {href}}, where a page may put a better address

import { healthTitle, healthWords, watchHealth } from "./health.mjs";
import { onMount } from "./mount.mjs";
import { navigate } from "./runs/navigate.mjs";
import { capital } from "./words.mjs";

const WITHIN = { "/utilisation": "/studies" }; // Addresses that do not begin with that of the page they belong to.
let well = true; // Whether all parts answered well when last asked.

/** The words beside the connection dot; a line that stands is not live while a part behind it is not well. */
export function connectionWords({ state, since, tries }, isWell = true) {
  if (state === "live") return isWell ? "live" : "not live";
  if (state === "connecting") return "connecting…";
  const clock = new Date(since).toLocaleTimeString("en-GB");
  return `not live since ${clock} · retrying (${tries + 1})`;
}

function mark(state) {
  const span = document.createElement("span");
  span.className = "fs-dot";
  span.dataset.state = state;
  return span;
}

/** Say something small for a moment. */
export function toast(words) {
  document.querySelector(".fs-toast")?.remove();
  const box = Object.assign(document.createElement("div"), { className: "fs-toast", textContent: words });
  box.setAttribute("role", "status");
  document.body.append(box);
  setTimeout(() => box.remove(), 3200);
}

export const sayConnection = (detail) => window.dispatchEvent(new CustomEvent("fs:connection", { detail }));

function markCurrent() {
  let page = location.pathname.split("/")[1];
  for (const link of document.querySelectorAll(".fs-nav-link")) {
    const here = new URL(link.href).pathname;
    const at = WITHIN[location.pathname] ?? location.pathname;
    const current = here === "/" ? at === "/" : at.startsWith(here);
    if (current) page = link.textContent;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${capital(page)} · Foldscape`;
}

if (typeof window !== "undefined") {
  onMount("fs-connection", (place) => {
    let line = null;
    const draw = () => {
      const state = line?.state === "live" && !well ? "lost" : line?.state;
      place.replaceChildren(...(line ? [mark(state), document.createTextNode(connectionWords(line, well))] : []));
    };
    const show = ({ detail }) => { line = detail; draw(); };
    window.addEventListener("fs:connection", show);
    window.addEventListener("fs:health", draw);
    return () => { window.removeEventListener("fs:connection", show); window.removeEventListener("fs:health", draw); };
  });
  onMount("fs-health", (place) => watchHealth((health) => {
    place.textContent = healthWords(health);
    place.title = healthTitle(health);
    const words = health.troubles.join(" ");
    const trouble = document.getElementById("fs-trouble");
    if (trouble && trouble.textContent !== words) trouble.textContent = words;
    well = health.ok;
    window.dispatchEvent(new CustomEvent("fs:health", { detail: health }));
  }));
  onMount("fs-share", (button) => {
    const copy = async () => {
      const address = { href: location.href };
      window.dispatchEvent(new CustomEvent("fs:share", { detail: address }));
      const copied = await navigator.clipboard?.writeText(address.href).then(() => true, () => false);
      toast(copied ? "The address of exactly this view is copied." : address.href);
    };
    button.addEventListener("click", copy);
    return () => button.removeEventListener("click", copy);
  });
  onMount("fs-help", (button) => {
    // A page with keys shows them and takes the event; on the others the words are what there is to explain.
    const ask = () => { if (window.dispatchEvent(new CustomEvent("fs:help", { cancelable: true }))) navigate("/glossary"); };
    button.addEventListener("click", ask);
    return () => button.removeEventListener("click", ask);
  });
  onMount("page", (page) => {
    markCurrent();
    const observer = new MutationObserver(markCurrent);
    observer.observe(page, { childList: true });
    return () => observer.disconnect();
  });
  window.addEventListener("popstate", markCurrent);
  window.addEventListener("fs:toast", ({ detail }) => toast(detail));
}
