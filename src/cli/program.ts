/** The commands and their options, as `curfew --help` tells them. */
import { Command } from "commander";
import { ConfigurationError, messageWithCause, StoreUnavailableError } from "../server/platform/errors.js";
import { endAllCommand } from "./commands/end-all.js";
import { policyCommand } from "./commands/policy.js";
import { serveCommand } from "./commands/serve.js";
import type { CommandProcess } from "./process/process.js";
import { packageVersion, readConfigFile } from "./settings/file.js";

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
  program
    .command("policy")
    .description("check the configuration and print its policy")
    .option(...CONFIG)
    .option("--json", "print the policy as JSON, durations in milliseconds")
    .option("--expect <fingerprint>", "fail where the policy has another fingerprint")
    .action((options: { config: string; json?: boolean; expect?: string }) =>
      telling(shell, () => policyCommand(shell, read(options.config), options)),
    );
  program
    .command("end-all")
    .description("end every session, or every session of one subject; after a restore from a backup")
    .option(...CONFIG)
    .option("--subject <id>", "only the sessions of this subject")
    .option("--yes", "do it; without this nothing is ended")
    .action((options: { config: string; subject?: string; yes?: boolean }) =>
      telling(shell, () => endAllCommand(shell, read(options.config), options)),
    );
  await program.parseAsync([...shell.args], { from: "user" });
}

async function telling(shell: CommandProcess, work: () => number | Promise<number>): Promise<void> {
  try {
    shell.exit(await work());
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof StoreUnavailableError)) throw error;
    shell.complain(`${messageWithCause(error)}\n`);
    shell.exit(1);
  }
}
