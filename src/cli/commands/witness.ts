/** `curfew witness`: signs the heads of other people's audit logs until it is told to stop. */
import { hostname } from "node:os";
import { ED25519, type VerifierKey } from "../../evidence/note.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";
import { jsonLog } from "../process/log.js";
import type { CommandProcess } from "../process/process.js";
import { readPublicAddress } from "../settings/addresses.js";
import { startWitness } from "../witness/witness.js";
import { keysOf } from "./keys.js";

export interface WitnessCommandOptions {
  readonly log: readonly string[];
  readonly name?: string;
  readonly listen: string;
}

export async function witnessCommand(
  shell: CommandProcess,
  directory: string,
  options: WitnessCommandOptions,
): Promise<void> {
  const logger = jsonLog(shell.complain);
  try {
    const name = options.name ?? `${hostname()}/curfew-witness`;
    if (!/^[^\s+]+$/u.test(name))
      throw new ConfigurationError(
        `--name is ${JSON.stringify(name)}; write one without spaces and plus signs`,
      );
    const address = readPublicAddress(options.listen);
    if (typeof address === "string") throw new ConfigurationError(`--listen ${address}`);
    if (options.log.length === 0)
      throw new ConfigurationError(
        "--log is missing: the key of a log to sign for, as its file log.vkey has it; one for each log",
      );
    const witness = await startWitness({ directory, name, address, logs: logKeys(options.log) }, logger);
    shell.onStop((signal) => {
      logger.info(`${signal}: stopping`);
      witness.stop().then(
        () => shell.exit(0),
        (error: unknown) => {
          logger.error(`stopping failed: ${messageOf(error)}`);
          shell.exit(1);
        },
      );
    });
    shell.print(`Curfew witness ready: ${witness.at}, key ${witness.vkey}\n`);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    logger.error(messageOf(error));
    shell.exit(1);
  }
}

function logKeys(given: readonly string[]): readonly VerifierKey[] {
  const keys = keysOf("--log", given);
  const other = given[keys.findIndex(({ type }) => type !== ED25519)];
  if (other === undefined) return keys;
  throw new ConfigurationError(`--log: ${JSON.stringify(other)} is the key of a witness, not of a log`);
}
