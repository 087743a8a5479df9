// Finds promtool and amtool for the tests of the examples' rules, or installs them where that is possible, or says how to get them.
import { findOrInstall, saidBy } from "./programs.mjs";

const PROGRAMS = [
  {
    name: "promtool",
    install: ["prometheus"],
    why: "promtool (it is in Debian's prometheus, in Prometheus's own archives and in Homebrew's prometheus)",
    find() {
      return /promtool, version ([\d.]+)/.exec(saidBy("promtool", "--version") ?? "")?.[1];
    },
  },
  {
    name: "amtool",
    install: ["prometheus-alertmanager"],
    why: "amtool (it is in Debian's prometheus-alertmanager, in Alertmanager's own archives and in Homebrew's alertmanager)",
    find() {
      return /amtool, version ([\d.]+)/.exec(saidBy("amtool", "--version") ?? "")?.[1];
    },
  },
];

process.exitCode = findOrInstall("Prometheus's rules", PROGRAMS) ? 0 : 1;
