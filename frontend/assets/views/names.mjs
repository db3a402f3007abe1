// The views of one net, in the order of their key.

export const VIEWS = [
  { name: "field", title: "field", about: "How sure the net is of each class, everywhere" },
  { name: "regions", title: "regions", about: "The linear pieces of the net, each a flat tint" },
  { name: "sheet", title: "bent sheet", about: "The plane as two or three neurons see it" },
  { name: "graph", title: "graph", about: "The margin between the classes as a surface" },
];

export const NAMES = VIEWS.map(({ name }) => name);

/** The view after this one; after the last comes the first. */
export const nextView = (name) => NAMES[(NAMES.indexOf(name) + 1) % NAMES.length];

/** Whether a view lies flat in the plane, as against a surface in space. */
export const isFlat = (name) => name === "field" || name === "regions";
