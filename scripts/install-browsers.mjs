// Finds the browsers of the end-to-end tests, or installs them where that is possible, or says how to get them.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { canUseApt, installByApt, run } from "./apt.mjs";
import { ENGINES, findEngine } from "./engines.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const SHELL = "/usr/bin/chromium-headless-shell";

const OTHER_WAYS = {
  chromium: `The headless shell alone (${SHELL}) will not do, it has no hidden tabs.
  npx playwright install --with-deps chromium`,
  firefox: `A stock Firefox will do; the tests are known to run in the ESR that Debian has.`,
  webkit: `It needs Linux: WebKitWebDriver with its MiniBrowser, and Xvfb in the PATH.`,
};

function help(id) {
  const { name, variable, packages } = ENGINES[id];
  return `${name} was not found, and could not be installed. ${OTHER_WAYS[id]}
  apt-get install -y ${packages.join(" ")}   (Debian, as root)
  ${variable}=/path/to/it npm test   (one that you have)`;
}

async function missing() {
  const ids = [];
  for (const id of Object.keys(ENGINES)) if ((await findEngine(id)) === undefined) ids.push(id);
  return ids;
}

/** What is named and does not start is for the person who named it to mend. */
function mayInstall(id) {
  const { variable } = ENGINES[id];
  if (!process.env[variable]) return true;
  console.error(`${variable} is "${process.env[variable]}", and no ${ENGINES[id].name} starts from there.`);
  return false;
}

function install(ids) {
  // Ubuntu's packages of these names only fetch a snap, hence Debian by name.
  if (canUseApt({ likeDebian: false })) installByApt(ids.flatMap((id) => ENGINES[id].packages));
  else if (ids.includes("chromium"))
    run("npx", ["playwright", "install", "chromium"], { cwd: root, shell: process.platform === "win32" });
}

const wanted = (await missing()).filter(mayInstall);
if (wanted.length > 0) install(wanted);
const absent = await missing();
for (const id of Object.keys(ENGINES)) {
  const shell = id === "chromium" && !process.env.CHROMIUM_PATH && existsSync(SHELL) ? ` and ${SHELL}` : "";
  if (absent.includes(id)) console.error(help(id));
  else console.log(`${ENGINES[id].name}: ${await findEngine(id)}${shell}`);
}
mkdirSync(`${root}/reports`, { recursive: true });
const names = absent.map((id) => ENGINES[id].name);
writeFileSync(`${root}/reports/engines.json`, `${JSON.stringify({ missing: names })}\n`);
// Without Chromium there is no end-to-end test at all; in CI every engine counts.
process.exitCode = absent.includes("chromium") || (process.env.CI && absent.length > 0) ? 1 : 0;
