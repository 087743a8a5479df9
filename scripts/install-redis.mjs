// Finds redis-server for the tests of the stores, or installs it where that is possible, or says how to get it.
import { spawnSync } from "node:child_process";
import { canUseApt, installByApt } from "./apt.mjs";

/** The tests use what came with this release (ACL, ADDSLOTSRANGE, sentinels without a password). */
const OLDEST = 7;

/** What `redis-server --version` says, or undefined where it cannot be started. */
function installedVersion() {
  const { status, stdout } = spawnSync("redis-server", ["--version"], { encoding: "utf8", timeout: 60_000 });
  return status === 0 ? /\bv=(\d+[\d.]*)/.exec(stdout)?.[1] : undefined;
}

const isRecent = (version) => version !== undefined && Number.parseInt(version, 10) >= OLDEST;

const HELP = `The tests of the stores start servers of their own with redis-server, Redis ${OLDEST} or later. Get it in one of these
ways, then run "npm test" again:
  apt-get install -y redis-server   (Debian 12 or later, Ubuntu 24.04 or later, as root; it need not run as a service)
  brew install redis                (macOS)
  or put a redis-server that you have into the PATH`;

function findOrInstall() {
  const found = installedVersion();
  if (isRecent(found)) return found;
  if (found !== undefined) console.error(`redis-server ${found} is too old for the tests.`);
  else console.error("No redis-server is in the PATH.");
  if (found !== undefined || !canUseApt() || !installByApt(["redis-server"])) return undefined;
  const installed = installedVersion();
  return isRecent(installed) ? installed : undefined;
}

const version = findOrInstall();
if (version === undefined) {
  console.error(HELP);
  process.exit(1);
}
console.log(`redis-server ${version}`);
