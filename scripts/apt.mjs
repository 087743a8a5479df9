// Installs Debian's packages for the tests, where that is possible. Only Node's own modules.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Runs a program to its end and says so; its own output is left out, but for its errors. */
export function run(command, args, options = {}) {
  console.log(`$ ${[command, ...args].join(" ")}`);
  return spawnSync(command, args, { ...options, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

/**
 * Whether packages can be installed here: as root, on Debian.
 * @param likeDebian also on what calls itself like Debian, such as Ubuntu
 */
export function canUseApt({ likeDebian = true } = {}) {
  const release = "/etc/os-release";
  const named = likeDebian ? /^ID(?:_LIKE)?=.*debian/m : /^ID=debian$/m;
  const isDebian = existsSync(release) && named.test(readFileSync(release, "utf8"));
  return isDebian && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

export function installByApt(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (!run("apt-get", ["update", "-qq"], { env }))
    console.error("apt-get update failed; trying what is known.");
  return run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
}
