/** `curfew serve`: runs the sidecar until it is told to stop. */
import {
  ConfigurationError,
  messageOf,
  messageWithCause,
  StoreUnavailableError,
} from "../../server/platform/errors.js";
import { jsonLog } from "../process/log.js";
import type { CommandProcess } from "../process/process.js";
import { readSettings } from "../settings/read.js";
import { startSidecar } from "../sidecar/sidecar.js";

export async function serveCommand(shell: CommandProcess, read: () => unknown): Promise<void> {
  const logger = jsonLog(shell.complain);
  try {
    const settings = readSettings(read(), {
      token: shell.variable("CURFEW_SERVICE_TOKEN"),
      environment: shell.variable("NODE_ENV"),
      serves: true,
    });
    const sidecar = await startSidecar(settings, logger);
    shell.onStop((signal) => {
      logger.info(`${signal}: stopping`);
      sidecar.stop().then(
        () => shell.exit(0),
        (error: unknown) => {
          logger.error(`stopping failed: ${messageOf(error)}`);
          shell.exit(1);
        },
      );
    });
    shell.print(`Curfew sidecar ready: public ${sidecar.publicAt}, private ${sidecar.privateAt}\n`);
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof StoreUnavailableError)) throw error;
    logger.error(messageWithCause(error));
    shell.exit(1);
  }
}
