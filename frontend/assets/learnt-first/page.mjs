/** The page of the study of who is learnt first: sorted curves, what holds, the table. */

import { onTheme } from "../dom.mjs";
import { closeMeaning } from "../measures/help.mjs";
import { onMount } from "../mount.mjs";
import { showDiffers, showFindings } from "../studies/findings.mjs";
import { StudyPage } from "../studies/page.mjs";
import { Start } from "../studies/start.mjs";
import { form } from "./form.mjs";
import { LearntCards } from "./pictures.mjs";
import { showTable } from "./table.mjs";
import { shape } from "./words.mjs";

const place = (name) => document.getElementById(`learnt-first-${name}`);

onMount("learnt-first", (root) => {
  const kind = JSON.parse(root.dataset.told);
  const pictures = new LearntCards(place("pictures"));
  let about = kind.about;
  const session = new StudyPage({
    kind: kind.spec.kind,
    past: place("past"),
    shape,
    rows: () => kind.rows,
    begin: (does) => new Start(place("start"), "learnt-first", form(kind), does),
    lay(found, rows) {
      about = found?.about ?? kind.about;
      pictures.lay((found?.spec ?? kind.spec).runs, rows);
      showDiffers(place("differs"), about, "How it is done");
    },
    row: (row) => pictures.show(row),
    table: (rows, csv) => showTable(place("table"), rows, csv),
    said: (found) => showFindings(place("findings"), found ?? { findings: [] }, about),
  });
  const theme = onTheme(() => pictures.redraw());
  return () => { session.end(); theme(); pictures.close(); closeMeaning(); };
});
