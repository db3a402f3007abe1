/** The side of the Launch page: the run's name, its cost, the button, and the spec as YAML, Python or a command. */

import { element } from "../element.mjs";

const VIEWS = [
  ["yaml", "YAML"],
  ["python", "Python"],
  ["command", "Command line"],
];

export class Side {
  /**
   * @param {HTMLElement} root Where to draw.
   * @param {{edited: (text: string) => void, renamed: () => void, launch: () => void}} hands What to call.
   */
  constructor(root, hands) {
    this.view = "yaml";
    this.texts = { yaml: "", python: "", command: "" };
    this.told = false; // Until there is a first draft, nothing can be typed that it would write over.
    this.name = input("name", "blank: a name is chosen", "A short name; blank: a name is chosen.", hands.renamed, 80);
    this.tags = input("tags", "digits, try 2", "Words to find it by, separated by commas.");
    this.notes = input("notes", "why this run", "A line for later.");
    this.estimate = element("p.fl-estimate", { role: "status" });
    this.agreed = element("input", { type: "checkbox", id: "launch-agreed" });
    this.dear = element("span");
    this.question = element("label.fl-check.fl-ask", { hidden: true }, this.agreed, this.dear);
    this.general = element("p.fl-error", { role: "alert" });
    this.button = element("button.fl-launch", { id: "launch-button", type: "button", onclick: hands.launch }, "Launch");
    this.result = element("div.fl-results", { role: "status" });
    this.editor = element("textarea.fl-editor", { "aria-label": "The spec as YAML", oninput: () => this.typedIn(hands) });
    this.editor.spellcheck = false;
    this.tabs = VIEWS.map(([key, label]) => element("button.fl-tab", { type: "button", role: "tab", "data-view": key, onclick: () => this.open(key) }, label));
    this.trouble = element("p.fl-error", { role: "alert" });
    root.replaceChildren(
      element("section.fl-card", {}, element("div.fl-names", {}, this.name.field, this.tags.field, this.notes.field), this.estimate, this.question, this.general, this.button, this.result),
      element("section.fl-card.fl-code", {}, this.bar(), this.editor, this.trouble),
    );
    this.open("yaml");
  }

  bar() {
    const copy = element("button.fl-button", { type: "button", onclick: (event) => this.copy(event.target) }, "Copy");
    const save = element("button.fl-button", { type: "button", onclick: () => this.save() }, "Download");
    return element("div.fl-bar", {}, element("div.fl-tabs", { role: "tablist" }, ...this.tabs), element("div.fl-actions", {}, copy, save));
  }

  typedIn(hands) {
    if (this.view !== "yaml") return;
    this.texts.yaml = this.editor.value;
    hands.edited(this.editor.value);
  }

  /** Asks for a yes to what would be dear; an empty sentence asks nothing. */
  ask(sentence) {
    this.question.hidden = !sentence;
    if (!sentence) this.agreed.checked = false;
    this.dear.textContent = sentence ? `${sentence} Measure less often in “probes”, or accept it.` : "";
  }

  open(view) {
    this.view = view;
    for (const tab of this.tabs) tab.setAttribute("aria-selected", String(tab.dataset.view === view));
    this.lock();
    this.editor.value = this.texts[view];
  }

  lock() {
    this.editor.readOnly = this.view !== "yaml" || !this.told;
  }

  /** Shows new texts; leaves the one that is being typed alone. */
  write(texts) {
    for (const [view, text] of Object.entries(texts)) if (text !== undefined) this.texts[view] = text;
    this.told ||= Boolean(texts.yaml);
    this.lock();
    if (this.editor.value !== this.texts[this.view]) this.editor.value = this.texts[this.view];
  }

  async copy(button) {
    await navigator.clipboard.writeText(this.texts[this.view]);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }

  save() {
    const ending = { yaml: "yaml", python: "py", command: "sh" }[this.view];
    const address = URL.createObjectURL(new Blob([this.texts[this.view]], { type: "text/plain" }));
    element("a", { href: address, download: `${this.name.box.value.trim() || "run"}.${ending}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

function input(label, placeholder, help, changed = () => {}, most = 200) {
  const box = element("input.fl-input", { type: "text", placeholder, title: help, maxlength: most, id: `launch-${label}`, oninput: changed });
  return { box, field: element("label.fl-field", {}, element("span.fl-label", {}, label), box) };
}
