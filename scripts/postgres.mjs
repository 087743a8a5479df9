// Where PostgreSQL's programs and PgBouncer are. Debian keeps the server's out of the PATH.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { saidBy } from "./programs.mjs";

const VERSIONS = "/usr/lib/postgresql";

/** @returns the folder of `initdb` and `postgres` with a slash at its end, of the newest release; "" is the PATH; undefined: there is none */
export function postgresFolder() {
  const releases = existsSync(VERSIONS) ? readdirSync(VERSIONS).map(Number).filter(Boolean) : [];
  const debian = releases
    .sort((a, b) => b - a)
    .map((release) => `${join(VERSIONS, String(release), "bin")}/`);
  return [...debian, ""].find((folder) => saidBy(`${folder}initdb`, "--version") !== undefined);
}

/** @returns the program, or undefined */
export function pgbouncer() {
  return ["pgbouncer", "/usr/sbin/pgbouncer"].find((program) => saidBy(program, "--version") !== undefined);
}
