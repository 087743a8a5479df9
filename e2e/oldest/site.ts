/** The demo behind https: this headless shell keeps no Secure cookie of a plain http address, be it the machine's own. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTrail } from "../../demo/audit-trail.js";
import { bundleScripts } from "../../demo/bundles.js";
import { readEnvironment } from "../../demo/environment.js";
import { createDemo, type Demo } from "../../demo/server.js";

export interface Site extends Pick<Demo, "sessions"> {
  readonly url: string;
  close(): Promise<void>;
}

/** A guarded page with a form whose text is kept over an end; the demo saves by itself. */
const FORM = `<!doctype html><html lang="en"><title>Claim</title>
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>
<form method="post" data-curfew-draft><textarea name="story" aria-label="story"></textarea></form>`;

/** @param environment as for the demo: `{ CURFEW_IDLE: "4s" }` */
export async function openSite(environment: Readonly<Record<string, string>>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-oldest-"));
  const { app, sessions } = createDemo({
    settings: readEnvironment({ CURFEW_STORE: "memory:", ...environment }),
    storePath: "",
    trail: await openTrail(join(folder, "audit")),
    scripts: await bundleScripts(),
  });
  const page = sessions.page();
  const server = createServer(certificate(folder), (request, response) => {
    if (request.url !== "/claim") return void app(request, response);
    page(request, response, () => response.setHeader("content-type", "text/html").end(FORM));
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    async close() {
      server.closeAllConnections();
      server.close();
      await sessions.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One of this site's own, for a day. */
function certificate(folder: string): ServerOptions {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", ...kind, ...names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
