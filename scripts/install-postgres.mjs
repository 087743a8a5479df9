// Finds PostgreSQL and PgBouncer for the tests of the stores, or installs them where that is possible, or says how to get them.
import { pgbouncer, postgresFolder } from "./postgres.mjs";
import { findOrInstall, saidBy } from "./programs.mjs";

/** The lowest that the store works with. */
const OLDEST = 13;

const PROGRAMS = [
  {
    name: "PostgreSQL",
    install: ["postgresql"],
    why: `PostgreSQL ${OLDEST} or later with initdb and pg_basebackup; it need not run as a service`,
    find() {
      const folder = postgresFolder();
      const version =
        folder !== undefined && / (\d+[\d.]*)/.exec(saidBy(`${folder}postgres`, "--version") ?? "")?.[1];
      return Number.parseInt(version, 10) >= OLDEST ? version : undefined;
    },
  },
  {
    name: "pgbouncer",
    install: ["pgbouncer"],
    why: "PgBouncer",
    find() {
      const program = pgbouncer();
      return program && /PgBouncer (\d[\d.]*)/.exec(saidBy(program, "--version") ?? "")?.[1];
    },
  },
];

process.exitCode = findOrInstall("the stores", PROGRAMS) ? 0 : 1;
