/** Goes to another page without loading the whole app anew; Dash's own links do the same. */

export function navigate(address) {
  window.history.pushState({}, "", address);
  window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  window.scrollTo(0, 0);
}

/** Lets the links below a place stay within the app; new tabs and other hosts are left to the browser. */
export function keepInside(place) {
  const follow = (event) => {
    const link = event.target.closest?.("a[href^='/']");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.hasAttribute("download") || link.target) return;
    if (link.getAttribute("href").startsWith("/api/")) return;
    event.preventDefault();
    navigate(link.getAttribute("href"));
  };
  place.addEventListener("click", follow);
  return () => place.removeEventListener("click", follow);
}

export const runAddress = (id) => `/runs/${encodeURIComponent(id)}`;
export const playAddress = (id) => `/?run=${encodeURIComponent(id)}`;
export const compareAddress = (runs) => `/compare?v=1&runs=${runs.map(({ id }) => encodeURIComponent(id)).join(",")}`;
export const landscapeAddress = (id, step = null) => `/landscape?run=${encodeURIComponent(id)}${step === null ? "" : `&at=${step}`}`;
export const launchLikeAddress = (id) => `/launch?like=${encodeURIComponent(id)}`;
