/** The page of the study of SGD as a stochastic differential equation: clouds of chains, the double well, what holds. */

import { onTheme } from "../dom.mjs";
import { closeMeaning } from "../measures/help.mjs";
import { onMount } from "../mount.mjs";
import { showDiffers, showFindings } from "../studies/findings.mjs";
import { StudyPage } from "../studies/page.mjs";
import { Start } from "../studies/start.mjs";
import { form } from "./form.mjs";
import { ChainCards } from "./pictures.mjs";
import { showTable } from "./table.mjs";
import { shape } from "./words.mjs";

const place = (name) => document.getElementById(`sde-${name}`);
const earlierWords = (claims, failing) => `With the finite step counted, as this project has worked it out: ${claims} claims, ${failing} of them not met`;

onMount("sde", (root) => {
  const kind = JSON.parse(root.dataset.told);
  const pictures = new ChainCards(place("pictures"));
  let about = kind.about;
  const session = new StudyPage({
    kind: "sde",
    past: place("past"),
    shape,
    rows: () => kind.rows,
    begin: (does) => new Start(place("start"), "sde", form(kind), does),
    lay(found, rows) {
      about = found?.about ?? kind.about;
      pictures.lay(found?.spec ?? kind.spec, rows);
      showDiffers(place("differs"), about, "How it is done");
    },
    row: (row) => pictures.show(row),
    table: (rows, csv) => showTable(place("table"), rows, csv),
    said: (found) => showFindings(place("findings"), found ?? { findings: [] }, about, earlierWords),
  });
  const theme = onTheme(() => pictures.redraw());
  return () => { session.end(); theme(); pictures.close(); closeMeaning(); };
});
