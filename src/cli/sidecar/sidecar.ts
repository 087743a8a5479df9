/** The sidecar: a verifier of its own behind two listeners. */

import { problem } from "../../server/http/problems.js";
import { later } from "../../server/platform/clock.js";
import { ConfigurationError } from "../../server/platform/errors.js";
import type { Logger } from "../../server/platform/logger.js";
import { createVerifier } from "../../server/verifier/verifier.js";
import { listen } from "../http/listener.js";
import type { Settings } from "../settings/settings.js";
import { verifierOptions } from "../settings/verifier-options.js";
import { createMetrics } from "./metrics.js";
import { privateRoutes } from "./private-routes.js";

interface Sidecar {
  readonly publicAt: string;
  readonly privateAt: string;
  /** `/readyz` says 503 at once; then it drains, takes no new connections, and closes the store. */
  stop(): Promise<void>;
}

/**
 * Starts the sidecar; resolves when both listeners answer and the store has passed its self-test.
 * @throws ConfigurationError, StoreUnavailableError
 */
export async function startSidecar(settings: Settings, logger: Logger): Promise<Sidecar> {
  const { serviceToken, publicAddress, privateAddress, drainPeriod } = settings;
  if (serviceToken === null)
    throw new ConfigurationError(
      "options.serviceToken is missing; write a random text of at least 32 characters, or set CURFEW_SERVICE_TOKEN",
    );
  const metrics = createMetrics(async () => (await verifier.management.health()).status === "ok");
  const options = verifierOptions(settings, logger);
  const verifier = createVerifier({
    ...options,
    audit: [...[options.audit ?? []].flat(), metrics.sink],
    ...(options.store === undefined ? {} : { store: metrics.timed(options.store) }),
  });
  let stopping = false;
  const privateOptions = { verifier, metrics, serviceToken, isStopping: () => stopping };
  const open: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(open.map((listener) => listener.close()));
    await verifier.management.close();
  };
  try {
    await verifier.management.ready();
    const atPublic = await listen(
      "the sidecar",
      publicAddress,
      async (message) => (await verifier.answer(verifier.read(message))) ?? problem("not-found"),
      logger,
    );
    open.push(atPublic);
    const atPrivate = await listen("the sidecar", privateAddress, privateRoutes(privateOptions), logger);
    open.push(atPrivate);
    return {
      publicAt: atPublic.at,
      privateAt: atPrivate.at,
      async stop() {
        stopping = true;
        // The pages ask once a minute meanwhile, and a stream is open again at another process.
        await verifier.closeStreams();
        await new Promise<void>((resolve) => later(drainPeriod, async () => resolve()));
        await close();
      },
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
