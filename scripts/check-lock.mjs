// Fails when package-lock.json would not install on some machine, or names a host to download from.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const lockFile = fileURLToPath(new URL("../package-lock.json", import.meta.url));

/** Whether Node would find `name` from the package at `place`, both as in the lock: "node_modules/a/node_modules/b". */
function isLocked(packages, place, name) {
  for (let base = place; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
    if (`${base === "" ? "" : `${base}/`}node_modules/${name}` in packages) return true;
    if (base === "") return false;
  }
}

/**
 * What is wrong with a lock file, one sentence each; empty when nothing is.
 * npm leaves a platform's package out without a word when the registry did not serve it, and `npm ci` then fails elsewhere.
 */
export function lockMistakes({ packages }) {
  const mistakes = [];
  for (const [place, { resolved, optionalDependencies = {} }] of Object.entries(packages)) {
    if (resolved !== undefined) mistakes.push(`${place} names where it was downloaded from: ${resolved}`);
    for (const name of Object.keys(optionalDependencies))
      if (!isLocked(packages, place, name))
        mistakes.push(`${name}, an optional dependency of ${place || "the project"}, is missing`);
  }
  return mistakes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mistakes = lockMistakes(JSON.parse(readFileSync(lockFile, "utf8")));
  for (const mistake of mistakes) console.error(`package-lock.json: ${mistake}`);
  if (mistakes.length > 0) {
    console.error('Write the lock anew with "npm install --package-lock-only", or pin another version.');
    process.exitCode = 1;
  }
}
