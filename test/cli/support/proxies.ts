/** Real proxies on the examples' configurations, with no change but the addresses. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { send } from "../../adapters/support/http-browser.js";
import { freePort } from "../../free-port.js";
import { until } from "../../stores/support/redis-server.js";
import { type Folder, type Program, ROOT, startProgram } from "./program.js";
import type { RunningSidecar } from "./sidecar.js";

export interface RunningProxy {
  readonly url: string;
  readonly program: Program;
}

export interface Behind {
  readonly sidecar: RunningSidecar;
  readonly appPort: number;
}

/**
 * @param http what else stands in the `http` block, before the example
 * @param at the port; absent: any
 */
export async function startNginx(
  folder: Folder,
  { sidecar, appPort }: Behind,
  http = "",
  at?: number,
): Promise<RunningProxy> {
  const port = at ?? (await freePort());
  const site = shipped("examples/nginx/curfew.conf", [
    ["listen 80;", `listen 127.0.0.1:${port};`],
    ["server 127.0.0.1:4180;", `server ${hostOf(sidecar.publicUrl)};`],
    ["server 127.0.0.1:4181;", `server ${hostOf(sidecar.privateAt)};`],
    ["server 127.0.0.1:8000;", `server 127.0.0.1:${appPort};`],
  ]);
  writeFileSync(folder.file("site.conf"), site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${folder.file(`nginx-${kind}`)};`,
  );
  writeFileSync(
    folder.file("nginx.conf"),
    `daemon off; worker_processes 1; pid ${folder.file("nginx.pid")}; error_log ${folder.file("nginx.log")} notice;
${process.getuid?.() === 0 ? "user root;" : ""}
events {}
http { access_log off; ${temporary.join(" ")} ${http.replaceAll("PORT", String(port))} include ${folder.file("site.conf")}; }
`,
  );
  const program = startProgram("nginx", ["-c", folder.file("nginx.conf")], {
    PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`,
  });
  return answering({ url: `http://127.0.0.1:${port}`, program }, folder.file("nginx.log"));
}

/** @param more what else stands in the site, before the example */
export async function startCaddy(
  folder: Folder,
  { sidecar, appPort }: Behind,
  more = "",
): Promise<RunningProxy> {
  const port = await freePort();
  const site = shipped("examples/caddy/Caddyfile", [
    ["app.example.com {", `http://127.0.0.1:${port} {\n${more}`],
    ["127.0.0.1:4180", hostOf(sidecar.publicUrl)],
    ["127.0.0.1:4181", hostOf(sidecar.privateAt)],
    ["127.0.0.1:8000", `127.0.0.1:${appPort}`],
  ]);
  writeFileSync(folder.file("Caddyfile"), `{\n\tadmin off\n}\n\n${site}`);
  const program = startProgram(
    "caddy",
    ["run", "--config", folder.file("Caddyfile"), "--adapter", "caddyfile"],
    {
      XDG_CONFIG_HOME: folder.file("caddy-config"),
      XDG_DATA_HOME: folder.file("caddy-data"),
    },
  );
  return answering({ url: `http://127.0.0.1:${port}`, program });
}

function shipped(file: string, addresses: readonly (readonly [string, string])[]): string {
  return addresses.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
      return text.replaceAll(from, to);
    },
    readFileSync(join(ROOT, file), "utf8"),
  );
}

function hostOf(address: string): string {
  return address.replace("http://", "");
}

/** @param log where the program writes what it does not say */
async function answering(proxy: RunningProxy, log?: string): Promise<RunningProxy> {
  const { url, program } = proxy;
  let last = "";
  const answers = async () => {
    const { exitCode } = program.child;
    if (exitCode !== null) throw new Error(`The proxy ended with ${exitCode}:\n${program.lines.join("\n")}`);
    const { status, text } = await send(url, "GET", "/login").catch((error: unknown) => ({
      status: 0,
      text: String(error),
    }));
    last = `${status} ${text}`;
    // A sign-in page, or the way to the provider's.
    return status === 200 || status === 302;
  };
  const said = () => [last, ...program.lines, ...(log === undefined ? [] : [readFileSync(log, "utf8")])];
  await until(answers, () => `the proxy does not answer:\n${said().join("\n")}`);
  return proxy;
}
