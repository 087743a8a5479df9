/** The commands and their options, as `curfew --help` tells them. */
import { Command } from "commander";
import { packageVersion } from "../server/platform/version.js";
import { auditPruneCommand, auditSessionCommand } from "./commands/audit.js";
import { AUDIT_EXIT, type AuditVerifyOptions, auditVerifyCommand } from "./commands/audit-verify.js";
import { type DoctorOptions, doctorCommand } from "./commands/doctor.js";
import { type EndAllOptions, endAllCommand } from "./commands/end-all.js";
import { type InitOptions, initCommand } from "./commands/init.js";
import { outboxListCommand, outboxReplayCommand } from "./commands/outbox.js";
import { type PolicyCommandOptions, policyCommand } from "./commands/policy.js";
import { policyDiffCommand } from "./commands/policy-diff.js";
import { type PolicyLockOptions, policyLockCommand } from "./commands/policy-lock.js";
import { serveCommand } from "./commands/serve.js";
import { storeSqlCommand } from "./commands/store-sql.js";
import { WATCH_EXIT, type WatchCommandOptions, watchCommand } from "./commands/watch.js";
import { type WitnessCommandOptions, witnessCommand } from "./commands/witness.js";
import type { CommandProcess } from "./process/process.js";
import { telling } from "./process/telling.js";
import { readConfigFile } from "./settings/file.js";

const CONFIG = ["-c, --config <file>", "the configuration", "curfew.config.json"] as const;

/** Runs what was typed. A mistake in the configuration is told in sentences, and the exit code is 1. */
export async function runCommand(shell: CommandProcess): Promise<void> {
  const read = (file: string) => readConfigFile(file, shell.variable);
  const program = new Command("curfew")
    .description("Ends a web session when the person has gone.")
    .version(packageVersion())
    .configureOutput({ writeOut: shell.print, writeErr: shell.complain });
  program
    .command("serve")
    .description(
      "run the sidecar: a public listener for the browser, a private one for the proxy and the app",
    )
    .option(...CONFIG)
    .action((options: { config: string }) => serveCommand(shell, () => read(options.config)));
  const policy = program
    .command("policy")
    .description("check the configuration and print its policy")
    .option(...CONFIG)
    .option("--json", "print the policy as JSON, durations in milliseconds")
    .option("--expect <fingerprint>", "fail where the policy has another fingerprint")
    .option("--format <format>", "text, md, html, oscal or json: the policy as a document", "text")
    .option("--trail <path>", "an audit trail (a signed log's directory, or a file) for the policy's history")
    .option("--parity <files...>", "compare these configurations instead; exit code 0: alike, 4: not")
    .option("--allow <keys>", "with --parity: keys that may differ, such as name,signInUrl", "")
    .action((options: PolicyCommandOptions) => telling(shell, () => policyCommand(shell, read, options)));
  policy
    .command("lock")
    .description("write the fingerprint of each environment's policy into a file, or check it")
    .argument("<environments...>", "each as name=FILE, such as production=curfew.config.json")
    .option("-f, --file <file>", "the lock", "curfew-policy.lock.json")
    .option("--check", "write nothing; exit code 1 where a policy is another than was locked")
    .action((environments: string[], options: PolicyLockOptions) =>
      telling(shell, () => policyLockCommand(shell, environments, options)),
    );
  policy
    .command("diff")
    .description(
      "compare what two configurations give each role, address and route; exit code 0: the same, 3: only stricter, 4: something is looser",
    )
    .argument("<before>", "a configuration")
    .argument("<after>", "another one")
    .option("--json", "print the differences as JSON")
    .action((before: string, after: string, _options: unknown, command: Command) =>
      telling(shell, () => policyDiffCommand(shell, read(before), read(after), command.optsWithGlobals())),
    );
  program
    .command("end-all")
    .description("end every session, or every session of one subject; after a restore from a backup")
    .option(...CONFIG)
    .option("--subject <id>", "only the sessions of this subject")
    .option("--actor <name>", "who ends them, for the audit trail", "cli")
    .option("--note <text>", "why, such as a ticket's number")
    .option("--yes", "do it; without this nothing is ended")
    .action((options: EndAllOptions & { config: string }) =>
      telling(shell, () => endAllCommand(shell, read(options.config), options)),
    );
  addStore(program, shell);
  addOutbox(program, shell, read);
  addAudit(program, shell);
  addWatch(program, shell, read);
  addWitness(program, shell);
  addInit(program, shell);
  addDoctor(program, shell);
  await program.parseAsync(sidsLast(shell.args), { from: "user" });
}

/** A sid may begin with a hyphen, and is no option for that: it is put behind `--`. */
function sidsLast(args: readonly string[]): string[] {
  const sids = args.filter((arg) => DASHED_SID.test(arg));
  return sids.length === 0 ? [...args] : [...args.filter((arg) => !sids.includes(arg)), "--", ...sids];
}

const DASHED_SID = /^-[\w-]{21}$/;

function addStore(program: Command, shell: CommandProcess): void {
  program
    .command("store")
    .description("what a store needs")
    .command("sql")
    .description("print the SQL that makes the tables of the PostgreSQL store; it can be run again")
    .option("--schema <name>", "the schema of the tables", "public")
    .option("--prefix <name>", "what their names begin with", "curfew")
    .action((options: { schema: string; prefix: string }) =>
      telling(shell, () => storeSqlCommand(shell, options)),
    );
}

function addOutbox(program: Command, shell: CommandProcess, read: (file: string) => unknown): void {
  const outbox = program.command("outbox").description("what could not be told to a webhook or a provider");
  outbox
    .command("list")
    .description("print what was tried for three days in vain, as one JSON object a line")
    .option(...CONFIG)
    .action((options: { config: string }) =>
      telling(shell, () => outboxListCommand(shell, read(options.config))),
    );
  outbox
    .command("replay")
    .description("try it again: all, or one")
    .argument("[id]", "the id of one of them")
    .option(...CONFIG)
    .action((id: string | undefined, options: { config: string }) =>
      telling(shell, () => outboxReplayCommand(shell, read(options.config), id)),
    );
}

function addAudit(program: Command, shell: CommandProcess): void {
  const audit = program.command("audit").description("check what the signed audit log holds, and prove it");
  audit
    .command("verify")
    .description(
      "say whether a log, or a session's proof, is what was signed: 0 whole, 1 broken, 2 not anchored",
    )
    .argument(
      "<paths...>",
      "the log's directory, or those of several nodes, which have noted each other's heads; or a session's proof",
    )
    .option("--vkey <key>", "the log's key, or its file (can be repeated)", collected, [])
    .option("--witness <key>", "a witness's key, or its file (can be repeated)", collected, [])
    .option("--head <file>", "a checkpoint that was kept elsewhere (can be repeated)", collected, [])
    .option(
      "--timestamp-ca <file>",
      "certificates (PEM) that the log's time-stamps must lead to (can be repeated)",
      collected,
      [],
    )
    .option("--json", "print the verdict as JSON")
    .exitOverride((error) => shell.exit(error.exitCode === 0 ? 0 : AUDIT_EXIT.usage))
    .action(async (paths: readonly string[], options: AuditVerifyOptions) =>
      shell.exit(await auditVerifyCommand(shell, paths, options)),
    );
  audit
    .command("session")
    .description("write one session's records with their proofs, and nobody else's")
    .usage("[options] <directory...> <sid>")
    .argument("<typed...>", "the log's directory, or those of several nodes, and the session's public id")
    .option(
      "--head <file>",
      "a checkpoint that was kept elsewhere, to prove by (can be repeated; default: the last one that a witness signed)",
      collected,
      [],
    )
    .option("--out <file>", "where to; default: standard output")
    .action((typed: readonly string[], options: { out?: string; head: readonly string[] }) =>
      telling(shell, () => auditSessionCommand(shell, typed, options)),
    );
  audit
    .command("prune")
    .description("remove old records and keep their hashes, so that the rest can still be checked")
    .argument("<directory>", "the log's directory")
    .requiredOption("--before <day>", "the first day whose records stay, such as 2026-01-31")
    .option("--yes", "do it; without this nothing is removed")
    .action((directory: string, options: { before: string; yes?: boolean }) =>
      telling(shell, () => auditPruneCommand(shell, directory, options)),
    );
}

function addWatch(program: Command, shell: CommandProcess, read: (file: string) => unknown): void {
  program
    .command("watch")
    .description(
      "run the rules of the watch over an old trail: 0 read to its end, 1 it cannot be read, 3 usage",
    )
    .requiredOption("--replay <path>", "the directory of a signed log, or a file of JSON lines")
    .option("--rules <names>", "some of the rules, such as forged,two-places (default: all)")
    .option("--policy <file>", "a configuration whose thresholds hold (default: as the rules come)")
    .option("--json", "print a line of JSON for each alert, and one that sums up")
    .exitOverride((error) => shell.exit(error.exitCode === 0 ? 0 : WATCH_EXIT.usage))
    .action(async (options: WatchCommandOptions) => shell.exit(await watchCommand(shell, options, read)));
}

function addWitness(program: Command, shell: CommandProcess): void {
  program
    .command("witness")
    .description(
      "sign the heads of audit logs (C2SP tlog-witness), so that who runs them cannot change the past",
    )
    .argument("<directory>", "holds the witness's key, and what it has signed; made where it is not there")
    .option("--log <key>", "the key of a log to sign for, or its file (can be repeated)", collected, [])
    .option("--name <name>", "the witness's name, such as security.example/witness (default: of the machine)")
    .option("--listen <address>", "where it answers", "127.0.0.1:4190")
    .action((directory: string, options: WitnessCommandOptions) => witnessCommand(shell, directory, options));
}

function addInit(program: Command, shell: CommandProcess): void {
  program
    .command("init")
    .description("write the first lines and the guard for a framework and a store; no file is overwritten")
    .option("--framework <name>", "express, fastify, hono, nest, next, nuxt, sveltekit, nginx or caddy")
    .option("--store <name>", "sqlite, postgres, redis or memory")
    .option("--yes", "ask nothing: the framework that package.json names, and SQLite")
    .action((options: InitOptions) => telling(shell, () => initCommand(shell, shell.folder, options)));
}

function addDoctor(program: Command, shell: CommandProcess): void {
  program
    .command("doctor")
    .description("ask a running site what a person's browser will meet, and say what would go wrong")
    .argument("<url>", "the page that people come to first")
    .option("--base <path>", "where the verifier answers (default: what the page says, else /curfew)")
    .option("--name <name>", "the verifier's name", "curfew")
    .option("--cookie <pair>", "NAME=VALUE of somebody who is signed in; it is never printed")
    .option("--page <path>", "a page behind the guard (can be repeated)", collected, [])
    .option("--origin <origin>", "an origin that the verifier is to list (can be repeated)", collected, [])
    .option("--frame <origin>", "an origin whose pages frame this site (can be repeated)", collected, [])
    .option("--login <script>", "a module whose default export signs in with the page that it gets")
    .option("--browser <path>", "a Chromium (default: the one of playwright-core, or the system's)")
    .option(
      "--also <origin>",
      "an origin that the browser may load from too (can be repeated)",
      collected,
      [],
    )
    .option("--http-only", "look at nothing in a browser")
    .option("--resolve <address>", "ask this address instead of what the name resolves to")
    .option("--timeout <duration>", "how long one answer may take", "10s")
    .option("--json", "print the report as JSON")
    .exitOverride((error) => shell.exit(error.exitCode === 0 ? 0 : 2))
    .action(async (url: string, options: DoctorOptions) =>
      shell.exit(await doctorCommand(shell, url, options)),
    );
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];
