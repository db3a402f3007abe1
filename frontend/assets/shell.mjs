// The top bar: where we are, health, connection, share. Pages speak to it by events on the window:
//   fs:connection {detail: {state, since, tries} | null}     fs:toast {detail: "text"}     fs:help    fs:share {detail: {href}}, where a page may put a better address

import { readHealth } from "./api.mjs";
import { onMount } from "./mount.mjs";

const HEALTH_EVERY = 10_000;
const HEALTH_SOON = 1_000; // While nobody works yet, that is at the start.

/** The words beside the connection dot. */
export function connectionWords({ state, since, tries }) {
  if (state === "live") return "live";
  if (state === "connecting") return "connecting…";
  const clock = new Date(since).toLocaleTimeString("en-GB");
  return `not live since ${clock} · retrying (${tries + 1})`;
}

/** The badge's words: waiting runs and workers, from the health answer. */
export function healthWords(health) {
  const queues = Object.values(health?.queues ?? {});
  const workers = queues.reduce((sum, queue) => sum + (queue.workers ?? 0), 0);
  const waiting = queues.reduce((sum, queue) => sum + (queue.waiting ?? 0), 0);
  if (queues.length && workers === 0) return queues.some(({ warming }) => warming) ? "warming up" : "no worker";
  return `queue ${waiting}`;
}

/** Whether a queue has no worker yet, but one that warms up. */
export const isWarming = (health, queue = "interactive") => {
  const { workers = 0, warming = 0 } = health?.queues?.[queue] ?? {};
  return !workers && warming > 0;
};

/** The same, queue by queue. */
export function healthTitle(health) {
  const queues = Object.entries(health?.queues ?? {}).filter(([, { workers, waiting }]) => workers || waiting);
  return queues.map(([name, { workers, waiting }]) => `${name}: ${workers} worker${workers === 1 ? "" : "s"}, ${waiting} waiting`).join("\n");
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
  for (const link of document.querySelectorAll(".fs-nav-link")) {
    const here = new URL(link.href).pathname;
    const current = here === "/" ? location.pathname === "/" : location.pathname.startsWith(here);
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

if (typeof window !== "undefined") {
  onMount("fs-connection", (place) => {
    const show = ({ detail }) => {
      place.replaceChildren(...(detail ? [mark(detail.state), document.createTextNode(connectionWords(detail))] : []));
    };
    window.addEventListener("fs:connection", show);
    return () => window.removeEventListener("fs:connection", show);
  });
  onMount("fs-health", (place) => {
    let timer;
    const look = async () => {
      clearTimeout(timer);
      const health = document.hidden ? null : await readHealth().catch(() => null);
      if (!place.isConnected) return;
      timer = setTimeout(look, health && !health.ok ? HEALTH_SOON : HEALTH_EVERY);
      if (document.hidden) return;
      place.textContent = health ? healthWords(health) : "";
      place.title = healthTitle(health);
      window.dispatchEvent(new CustomEvent("fs:health", { detail: health }));
    };
    look();
    return () => clearTimeout(timer);
  });
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
    const ask = () => window.dispatchEvent(new CustomEvent("fs:help"));
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
