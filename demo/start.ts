/** Starts the demo, says where it is, and stops it cleanly. */
import { ConfigurationError, StoreUnavailableError } from "curfew/server";
import { bundleScripts } from "./bundles.js";
import { EnvironmentError, readEnvironment, type Settings } from "./environment.js";
import { openDemo } from "./open.js";

try {
  await start(readEnvironment(process.env));
} catch (error) {
  const isExpected = [EnvironmentError, ConfigurationError, StoreUnavailableError].some(
    (kind) => error instanceof kind,
  );
  if (!(isExpected && error instanceof Error)) throw error;
  console.error(`The demo cannot start.\n${error.message}`);
  process.exitCode = 1;
}

async function start(settings: Settings): Promise<void> {
  const { url, close } = await openDemo(settings, await bundleScripts()).catch((error) => {
    throw isOfTheSystem(error) ? new EnvironmentError(sentenceOf(error, settings.port)) : error;
  });
  const stop = () => void close();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  console.log(`Curfew demo ready on ${url}`);
}

function isOfTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && error.syscall === "listen";
}

function sentenceOf(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === "EADDRINUSE")
    return `Port ${port} is in use. Stop what runs there, or choose another: PORT=${port + 1} npm run demo (PORT=0 takes any free one).`;
  if (error.code === "EACCES")
    return `Port ${port} may not be used by this account. Choose one above 1023: PORT=3000 npm run demo.`;
  return `The demo cannot listen on port ${port}: ${error.message}`;
}
