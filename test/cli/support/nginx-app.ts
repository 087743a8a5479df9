/** A real nginx on the example's configuration, in front of the Python example and a sidecar. */

import { join } from "node:path";
import { freePort } from "../../free-port.js";
import { type Folder, type Program, ROOT, startProgram, temporaryFolder } from "./program.js";
import { startNginx } from "./proxies.js";
import { BASIC, type Config, type RunningSidecar, startSidecar, TOKEN, WEBHOOK_SECRET } from "./sidecar.js";

export interface NginxApp {
  readonly url: string;
  readonly sidecar: RunningSidecar;
  readonly app: Program;
  readonly folder: Folder;
  stop(): Promise<void>;
}

/** Starts all three; `config` is added to the sidecar's. */
export async function startNginxApp(config: Config = {}): Promise<NginxApp> {
  const folder = temporaryFolder();
  const appPort = await freePort();
  const onEnd = { url: `http://127.0.0.1:${appPort}/hooks/session-ended`, secret: WEBHOOK_SECRET };
  const sidecar = await startSidecar(folder, { ...BASIC, onEnd, ...config });
  const app = await startPythonApp(appPort, sidecar.privateAt);
  const nginx = await startNginx(folder, { sidecar, appPort });
  return {
    url: nginx.url,
    sidecar,
    app,
    folder,
    async stop() {
      await Promise.all([nginx.program, app, sidecar.program].map((program) => program.stop()));
      folder.remove();
    },
  };
}

/** The example's app. @param privateAt the sidecar's private listener */
export async function startPythonApp(port: number, privateAt: string): Promise<Program> {
  const app = startProgram("python3", [join(ROOT, "examples/sidecar-python/app.py")], {
    PORT: String(port),
    CURFEW_PRIVATE: privateAt,
    CURFEW_SERVICE_TOKEN: TOKEN,
    WEBHOOK_SECRET,
  });
  await app.line(/^App ready on/);
  return app;
}
