// Finds nginx and Python for the tests of the sidecar, or installs them where that is possible, or says how to get them.
import { spawnSync } from "node:child_process";
import { canUseApt, installByApt } from "./apt.mjs";

/** What a program says of itself, or undefined where it cannot be started. nginx speaks on standard error. */
function saidBy(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
  return status === 0 ? `${stdout}${stderr}` : undefined;
}

/** Where it is not in the PATH of everybody. */
const NGINX = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"];

/** `install`: the packages of Debian and Ubuntu. */
const PROGRAMS = [
  {
    name: "nginx",
    install: ["nginx-light"],
    why: "nginx with its auth_request module (it is in nginx-light, in nginx.org's packages and in Homebrew's)",
    find() {
      const said = NGINX.map((command) => saidBy(command, "-V")).find((words) => words !== undefined);
      return said?.includes("http_auth_request_module") ? /nginx\/([\d.]+)/.exec(said)?.[1] : undefined;
    },
  },
  {
    name: "python3",
    install: ["python3"],
    why: "Python 3.9 or later; its standard library is enough",
    find() {
      const version = /Python (3\.(\d+)[\d.]*)/.exec(saidBy("python3", "--version") ?? "");
      return Number(version?.[2]) >= 9 ? version[1] : undefined;
    },
  },
];

const missing = () => PROGRAMS.filter(({ find }) => find() === undefined);

const absent = missing();
if (absent.length > 0) {
  for (const { name } of absent) console.error(`No ${name} that can be used was found.`);
  if (canUseApt()) installByApt(absent.flatMap(({ install }) => install));
}
const still = missing();
for (const { name, install, why } of still)
  console.error(
    `The tests of the sidecar need ${why}. As root: apt-get install -y ${install.join(" ")}; or put a ${name} that you have into the PATH.`,
  );
for (const { name, find } of PROGRAMS)
  if (!still.some((other) => other.name === name)) console.log(`${name} ${find()}`);
process.exitCode = still.length > 0 ? 1 : 0;
