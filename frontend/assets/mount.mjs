// Dash puts pages in and takes them out without loading anything anew; modules start and end with their page.

/**
 * Call `start(element)` when an element with this id appears, and the function it returned when the element goes.
 * The element must be one that Dash leaves without children.
 */
export function onMount(id, start) {
  let current = null;
  let stop = null;
  const look = () => {
    const found = document.getElementById(id);
    if (found === current) return;
    stop?.();
    current = found;
    stop = found ? start(found) : null;
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  look();
}
