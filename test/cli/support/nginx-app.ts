/** A real nginx on the example's configuration, in front of the Python example and a sidecar. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { send } from "../../adapters/support/http-browser.js";
import { until } from "../../stores/support/redis-server.js";
import { type Folder, type Program, ROOT, startProgram, temporaryFolder } from "./program.js";
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
  const app = startProgram("python3", [join(ROOT, "examples/sidecar-python/app.py")], {
    PORT: String(appPort),
    CURFEW_PRIVATE: sidecar.privateAt,
    CURFEW_SERVICE_TOKEN: TOKEN,
    WEBHOOK_SECRET,
  });
  await app.line(/^App ready on/);
  const port = await freePort();
  const nginx = startProgram("nginx", ["-c", nginxConfig(folder, sidecar, { port, appPort })], {
    PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`,
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    send(url, "GET", "/login").then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(answers, "nginx does not answer");
  return {
    url,
    sidecar,
    app,
    folder,
    async stop() {
      await Promise.all([nginx, app, sidecar.program].map((program) => program.stop()));
      folder.remove();
    },
  };
}

/** The shipped file, with no change but the addresses. */
function nginxConfig(
  folder: Folder,
  { publicUrl, privateAt }: RunningSidecar,
  { port, appPort }: { readonly port: number; readonly appPort: number },
): string {
  const shipped = readFileSync(join(ROOT, "examples/nginx/curfew.conf"), "utf8");
  const addresses = [
    ["listen 80;", `listen 127.0.0.1:${port};`],
    ["server 127.0.0.1:4180;", `server ${publicUrl.replace("http://", "")};`],
    ["server 127.0.0.1:4181;", `server ${privateAt.replace("http://", "")};`],
    ["server 127.0.0.1:8000;", `server 127.0.0.1:${appPort};`],
  ] as const;
  const site = addresses.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`examples/nginx/curfew.conf has no "${from}"`);
    return text.replace(from, to);
  }, shipped);
  writeFileSync(folder.file("site.conf"), site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${folder.file(`nginx-${kind}`)};`,
  );
  writeFileSync(
    folder.file("nginx.conf"),
    `daemon off; worker_processes 1; pid ${folder.file("nginx.pid")}; error_log ${folder.file("nginx.log")} notice;
${process.getuid?.() === 0 ? "user root;" : ""}
events {}
http { access_log off; ${temporary.join(" ")} include ${folder.file("site.conf")}; }
`,
  );
  return folder.file("nginx.conf");
}

export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
