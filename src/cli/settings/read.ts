/** Reads the settings and checks all of them, the verifier's own options too, so that every mistake is told at once. */
import { gatherReadings } from "../../server/policy/configuration.js";
import { readOptions } from "../../server/verifier/read-options.js";
import { parseSettings, type Settings, verifierPart } from "./settings.js";
import { uncheckedOptions } from "./verifier-options.js";

interface SettingsUse {
  /** The service token of the environment, which wins. */
  readonly token?: string | undefined;
  /** `NODE_ENV`: in production a store is needed. */
  readonly environment?: string | undefined;
  /** Whether the sidecar will run with these settings: then it needs a service token. */
  readonly serves?: boolean;
}

/** @throws ConfigurationError with every mistake, one a line, and what to write instead */
export function readSettings(input: unknown, use: SettingsUse = {}): Settings {
  const readings = gatherReadings();
  const settings = readings.take(parseSettings(input, use.token));
  if (typeof input === "object" && input !== null && !Array.isArray(input)) {
    const has = (name: string) => Reflect.get(input, name) !== undefined;
    const hasStore = has("store") || use.environment !== "production";
    const options = uncheckedOptions(verifierPart(input), has("identify"), hasStore);
    readings.attempt(() => readOptions(options, use.environment));
    if (use.serves === true && use.token === undefined && !has("serviceToken"))
      readings.add([
        "options.serviceToken is missing; write a random text of at least 32 characters, or set CURFEW_SERVICE_TOKEN",
      ]);
  }
  readings.refuseMistakes();
  if (settings === null) throw new Error("settings without a mistake can be read");
  return settings;
}
