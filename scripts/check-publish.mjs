// Runs before `npm publish`: the manifest says where the project lives, so that a reader finds its code and where to report. The
// fields stand in no commit until that is known, since a wrong address is worse than none.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FIELDS = {
  repository: '{ "type": "git", "url": "git+https://…/curfew.git" }',
  bugs: '{ "url": "https://…/curfew/issues" }',
  homepage: '"https://…/curfew#readme"',
};

/** What is missing, one sentence each; empty when nothing is. */
export function publishMistakes(manifest) {
  return Object.entries(FIELDS)
    .filter(([field]) => !/https:\/\/[^\s/…]+\/[^\s…]/.test(JSON.stringify(manifest[field] ?? "")))
    .map(([field, example]) => `package.json has no ${field}; add "${field}": ${example}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const manifest = new URL("../package.json", import.meta.url);
  const mistakes = publishMistakes(JSON.parse(readFileSync(manifest, "utf8")));
  for (const mistake of mistakes) console.error(mistake);
  if (mistakes.length > 0) process.exitCode = 1;
}
