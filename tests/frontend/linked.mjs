// Parses every module that is named, and holds each name that one takes from another against what that one gives.
// Run with --experimental-vm-modules; nothing of the modules is carried out.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import vm from "node:vm";

const known = new Map();

function read(path) {
  if (!known.has(path)) known.set(path, new vm.SourceTextModule(readFileSync(path, "utf8"), { identifier: path }));
  return known.get(path);
}

let bad = 0;
for (const path of process.argv.slice(2)) {
  try {
    const module = read(resolve(path));
    if (module.status === "unlinked") await module.link((name, from) => read(resolve(dirname(from.identifier), name)));
  } catch (error) {
    bad += 1;
    console.log(`${path}: ${error.message}`);
  }
}
process.exit(bad ? 1 : 0);
