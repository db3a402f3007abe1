// A modal dialog over a page: gone when it is closed, and at the latest with its page.

let shown = null;

/** Open a dialog; whatever closes it also takes it away. */
export function openModal(box) {
  box.addEventListener("close", () => { box.remove(); if (shown === box) shown = null; });
  document.body.append(box);
  box.showModal();
  shown = box;
}

/** Close what is open, if anything. */
export function closeModal() { shown?.close(); }
