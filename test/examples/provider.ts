/** An example's app behind a real provider, and a person with a browser. The apps' port must be known to the provider beforehand. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, onTestFinished, vi } from "vitest";
import { clientOf, type IdentityProvider, startIdentityProvider } from "../sso/identity-provider.js";

/** One wall clock for the apps and the provider, which all live in this process; everything between them goes over HTTP. */
export function onWallClock(): (duration: number) => void {
  beforeEach(() => {
    // What the provider says of its keys and of its memory, which last as long as a test.
    vi.spyOn(console, "warn").mockReturnValue();
    vi.spyOn(console, "info").mockReturnValue();
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  return (duration) => void vi.setSystemTime(Date.now() + duration);
}

export interface Place {
  readonly origin: string;
  readonly clientId: string;
  /** What answers from now on. */
  serve(app: RequestListener): void;
}

/** Ports for so many apps, and a provider that knows each. */
export async function openPlaces(
  count: number,
): Promise<{ readonly provider: IdentityProvider; readonly places: readonly Place[] }> {
  const places: Place[] = [];
  for (let app = 0; app < count; app++) {
    let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
    const server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    places.push({
      origin,
      clientId: clientOf(origin),
      serve(listener) {
        answer = listener;
      },
    });
  }
  const others = places.map(({ origin }) => origin);
  const provider = await startIdentityProvider("http://127.0.0.1:9", { others });
  onTestFinished(() => provider.close());
  return { provider, places };
}
