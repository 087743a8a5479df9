// Finds nginx and Python for the tests of the sidecar, or installs them where that is possible, or says how to get them.
import { findOrInstall, saidBy } from "./programs.mjs";

/** Where it is not in the PATH of everybody. */
const NGINX = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"];

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

process.exitCode = findOrInstall("the sidecar", PROGRAMS) ? 0 : 1;
