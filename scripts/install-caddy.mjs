// Finds Caddy and gunicorn for the tests of the proxies' examples, or installs them where that is possible, or says how.
import { findOrInstall, saidBy } from "./programs.mjs";

const PROGRAMS = [
  {
    name: "caddy",
    install: ["caddy"],
    why: "Caddy 2 with its forward_auth directive (2.5 or later)",
    find: () => /^v?(2\.(?:[5-9]|\d\d)\S*)/.exec(saidBy("caddy", "version") ?? "")?.[1],
  },
  {
    name: "gunicorn",
    install: ["gunicorn"],
    why: "gunicorn, a WSGI server",
    find: () => /version (\d[\d.]*)/.exec(saidBy("gunicorn", "--version") ?? "")?.[1],
  },
];

process.exitCode = findOrInstall("the proxies' examples", PROGRAMS) ? 0 : 1;
