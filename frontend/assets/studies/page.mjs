/** The studies of one kind on their page. */

import { JobPage } from "../job-page.mjs";
import { isOver } from "../states.mjs";

const STUDIES = { plural: "studies", one: "study", past: "Studies run here" };

export class StudyPage extends JobPage {
  /**
   * `view`: as of a `JobPage`, with `{kind, past, shape(spec), rows(), begin({start, stop}), lay(study, rows), row(row), table(rows, csv), said(study)}`.
   */
  constructor(view) {
    super({
      ...view,
      sort: STUDIES,
      own: ({ spec }) => spec.kind === view.kind,
      misplaced: ({ name, spec }) => ({ message: `${name} is a study of another kind, ${spec.kind}.`, hint: "Open it from the list of studies." }),
      newest: (studies) => studies.find((each) => !isOver(each)) ?? studies.find((each) => each.state === "done") ?? studies[0],
      address: (study) => (study ? `?study=${encodeURIComponent(study.id)}` : ""),
      shape: ({ spec }) => view.shape(spec),
    });
  }
}
