/** The page of the study "utilisation of approximability": one button, live counts, the table and what follows. */

import { onTheme } from "../dom.mjs";
import { onMount } from "../mount.mjs";
import { showDiffers, showFindings } from "../studies/findings.mjs";
import { StudyPage } from "../studies/page.mjs";
import { Start } from "../studies/start.mjs";
import { form } from "./start.mjs";
import { Strips } from "./strips.mjs";
import { showTable } from "./table.mjs";
import { shape } from "./words.mjs";

const place = (name) => document.getElementById(`utilisation-${name}`);
const earlierWords = (claims, failing) => `Against an earlier run of this project, on one draw of the points: ${claims} claims, ${failing} of them not met`;

onMount("utilisation", (root) => {
  const kind = JSON.parse(root.dataset.told);
  const strips = new Strips(place("strips"), kind.about);
  let about = kind.about;
  const session = new StudyPage({
    kind: "utilisation",
    past: place("past"),
    shape,
    rows: () => kind.rows.filter((row) => kind.quick.includes(row.method)),
    begin: (does) => new Start(place("start"), "utilisation", form(kind), does),
    lay(found, rows) {
      about = found?.about ?? kind.about;
      strips.lay(rows, (found?.spec ?? kind.spec).steps);
      showDiffers(place("differs"), about, "What differs from the source");
    },
    row: (row) => strips.show(row),
    table: (rows, csv) => showTable(place("table"), rows, about, csv),
    said: (found) => showFindings(place("findings"), found ?? { findings: [] }, about, earlierWords),
  });
  const theme = onTheme(() => strips.redraw());
  return () => { session.end(); theme(); strips.close(); };
});
