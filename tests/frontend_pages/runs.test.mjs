import assert from "node:assert/strict";
import test from "node:test";

import { groupsCsv, runsCsv } from "../../frontend/assets/runs/csv.mjs";
import { hiddenColumns } from "../../frontend/assets/runs/differences.mjs";
import { arrangeGroups, choiceOf, groupsOf, meanOf, meanWords, stateWords } from "../../frontend/assets/runs/groups.mjs";
import { passes, readTerms } from "../../frontend/assets/runs/terms.mjs";
import { accuracy } from "../../frontend/assets/runs/words.mjs";

const run = (id, group, more = {}) => ({
  id, group, name: `run ${id}`, method: "fixed", state: "done", data: "moons", net: "2-8-2", growth: "by hand", seed: Number(id), batch: 32, lr: 0.01,
  optimizer: "sgd", activation: "relu", epochs: 20, test_accuracy: 0.9, lambda_max: 2, flatness: 1, tags: [], notes: "", ...more,
});
const found = (text, runs) => runs.filter((each) => passes(each, readTerms(text))).map(({ id }) => id).join("");

test("terms hold together: numbers with signs, words with colons, the rest on what people wrote", () => {
  const runs = [
    run("1", "a", { method: "grown", batch: 64, tags: ["table1"], name: "Quiet-heron" }),
    run("2", "a", { method: "grown", batch: 128, tags: ["table10", "two words"] }),
    run("3", "b", { batch: 64, growth: "random_direction", lambda_max: null, notes: "kink at birth 3" }),
  ];
  assert.equal(found("kind:grown batch>=64", runs), "12");
  assert.equal(found("batch<128 batch>32", runs), "13");
  assert.equal(found("batch<=64", runs), "13");
  assert.equal(found("batch=128", runs), "2");
  assert.equal(found("tag:table1", runs), "1");
  assert.equal(found('tag:"two words"', runs), "2");
  assert.equal(found("seed:3", runs), "3");
  assert.equal(found('growth:"random direction"', runs), "3");
  assert.equal(found("HERON kind:grown", runs), "1");
  assert.equal(found("kink", runs), "3");
  assert.equal(found("lambda<=2", runs), "12"); // What is not measured passes no bound.
  assert.equal(found("", runs), "123");
});

test("a term that cannot be read is told with what is allowed, and hides nothing", () => {
  const wrong = (text) => readTerms(text).wrong.join(" ");
  assert.match(wrong("colour:red"), /Unknown filter “colour”; words: kind, state, tag.*numbers: seed.*parameters/);
  assert.match(wrong("batch>=many"), /after batch>= comes a number/);
  assert.match(wrong("batch:"), /a number/);
  assert.match(wrong("kind>3"), /takes a colon/);
  assert.match(wrong("kind:grwn"), /grown, fixed/);
  assert.equal(wrong("kind:grown batch>=64 heron"), "");
  assert.equal(found("colour:red seed:1", [run("1", "a"), run("2", "a")]), "1");
});

test("a mean says its count: runs that are done and have the number", () => {
  const runs = [run("1", "a", { test_accuracy: 0.8 }), run("2", "a", { test_accuracy: 0.9 }), run("3", "a", { state: "running", test_accuracy: 0.1 }), run("4", "a", { test_accuracy: null })];
  const mean = meanOf(runs, "test_accuracy");
  assert.equal(mean.n, 2);
  assert.ok(Math.abs(mean.mean - 0.85) < 1e-12);
  assert.ok(Math.abs(mean.sd - Math.SQRT1_2 / 10) < 1e-12); // Two values d apart: d / √2.
  assert.equal(meanWords(mean, accuracy), "0.850 ±0.071");
  assert.equal(meanWords(meanOf(runs.slice(0, 1), "test_accuracy"), accuracy), "0.800");
  assert.deepEqual(meanOf([], "test_accuracy"), { mean: null, sd: null, n: 0 });
  assert.equal(meanWords(meanOf([], "test_accuracy"), accuracy), "–");
});

test("groups come in the order of their first runs, named by what tells them apart", () => {
  const grown = { method: "grown", growth: "random_direction", batch: 16 };
  const groups = groupsOf([run("3", "b", grown), run("1", "a"), run("4", "b", { ...grown, net: "2-9-2" }), run("2", "a", { state: "failed" })]);
  assert.deepEqual(groups.map(({ key, method, members }) => [key, method, members]), [["b", "grown", ["3", "4"]], ["a", "fixed", ["1", "2"]]]);
  assert.deepEqual(groups.map(({ name }) => name), ["moons · random direction · b16", "moons · 2-8-2 · b32"]);
  assert.deepEqual(groups[1].states, { done: 1, failed: 1 });
  assert.equal(stateWords(groups[1].states, 2), "done 1/2 · 1 failed");
  assert.equal(stateWords({ done: 10 }, 10), "done 10/10");
});

test("groups that no column tells apart still have names of their own", () => {
  const [first, second] = groupsOf([run("1", "aaaa1"), run("2", "bbbb2")]);
  assert.notEqual(first.name, second.name);
});

test("each group stands before its runs, which a folded one keeps to itself", () => {
  const rows = [run("3", "b"), run("1", "a"), run("4", "b")];
  const all = [...rows, ...groupsOf(rows)];
  const ids = (unfolded) => arrangeGroups(all, new Set(unfolded)).map(({ id }) => id);
  assert.deepEqual(ids([]), ["group:b", "group:a"]);
  assert.deepEqual(ids(["b"]), ["group:b", "3", "4", "group:a"]);
  assert.deepEqual(arrangeGroups(groupsOf(rows), new Set()), []); // All its runs are hidden by the search.
  assert.deepEqual(arrangeGroups(rows, new Set()).map(({ id }) => id), ["3", "4", "1"]); // No line yet: nothing is lost.
});

test("a group's box tells of all its runs", () => {
  const [group] = groupsOf([run("1", "a"), run("2", "a")]);
  assert.deepEqual([[], ["1"], ["1", "2"]].map((chosen) => choiceOf(group, new Set(chosen))), ["none", "some", "all"]);
});

test("only differences: columns in which all shown runs agree go, and settings that differ come", () => {
  const columns = ["state", "name", "data", "seed", "batch", "last", "tags", "lr", "epochs", "actions"];
  const runs = [run("1", "a", { lr: 0.1 }), run("2", "b", { lr: 0.2 })];
  assert.deepEqual(hiddenColumns(columns, runs, true), ["data", "batch", "last", "tags", "epochs"]);
  assert.deepEqual(hiddenColumns(columns, runs, false), ["lr", "epochs"]);
  assert.deepEqual(hiddenColumns(columns, runs.slice(1), true), ["lr", "epochs"]); // One run agrees with itself in everything.
});

test("the CSV holds what is shown, quoted, and each mean's own count", () => {
  const text = runsCsv([run("1", "a", { notes: 'says "no", twice', tags: ["x", "y"], created: 0, name: "=1+1", lambda_max: NaN })], ["name", "tags", "notes", "lambda_max", "actions"]);
  assert.equal(text, 'id,name,tags,notes,lambda_max\r\n1,\'=1+1,"x, y","says ""no"", twice",\r\n');
  const [head, line] = groupsCsv(groupsOf([run("1", "a"), run("2", "a", { lambda_max: null })])).trim().split("\r\n").map((each) => each.split(","));
  const cell = (name) => line[head.indexOf(name)];
  assert.deepEqual(["runs", "test_accuracy_n", "lambda_max_n", "lambda_max_sd", "seeds", "run_ids"].map(cell), ["2", "2", "1", "", "1 2", "1 2"]);
});
