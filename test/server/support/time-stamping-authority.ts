/** A time-stamping authority (RFC 3161) that is none of ours: `openssl ts` behind a small HTTP server. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

const CONFIGURATION = `
[tsa]
default_tsa = authority
[authority]
serial = ./serial
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
ess_cert_id_chain = no
crypto_device = builtin
other_policies = 1.3.6.1.4.1.99999.2
accuracy = secs:1
ordering = no
tsa_name = no
`;
const PURPOSES = "extendedKeyUsage=critical,timeStamping\n";
const WEB_SERVER = "extendedKeyUsage=serverAuth\n";

/** What the authority does with a question. Default: it stamps. */
export type Answering = (query: Buffer, honest: (query: Buffer) => Buffer) => Buffer | number | null;

export interface TestAuthority {
  readonly url: string;
  /** The file with the certificate that its own leads to. */
  readonly caFile: string;
  readonly queries: readonly Buffer[];
  /** A number is a status; null: it never answers. */
  answerBy(answering: Answering): void;
  stamp(query: Buffer): Buffer;
  /** The same, signed by a web server's certificate of the same certificate authority. */
  stampAsWebServer(query: Buffer): Buffer;
  close(): Promise<void>;
}

export async function timeStampingAuthority(): Promise<TestAuthority> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-authority-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  writeFileSync(file("ts.cnf"), CONFIGURATION);
  writeFileSync(file("serial"), "01\n");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "30");
  for (const [name, purposes, serial] of [
    ["tsa", PURPOSES, "2"],
    ["web", WEB_SERVER, "3"],
  ] as const) {
    writeFileSync(file("purposes"), purposes);
    openssl("req", ...curve, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", serial, "-days", "30"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...issued, "-out", `${name}.pem`, "-extfile", "purposes");
  }
  const stamp = (query: Buffer): Buffer => {
    writeFileSync(file("query"), query);
    const signed = ["-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "ca.pem"];
    openssl("ts", "-reply", "-queryfile", "query", "-out", "reply", "-config", "ts.cnf", ...signed);
    return readFileSync(file("reply"));
  };
  const stampAsWebServer = (query: Buffer): Buffer => {
    writeFileSync(file("whole"), stamp(query));
    openssl("ts", "-reply", "-in", "whole", "-token_out", "-out", "token");
    openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "content");
    const content = ["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-binary", "-nodetach", "-cades"];
    const signed = ["-signer", "web.pem", "-inkey", "web.key", "-outform", "DER", "-out", "forged"];
    openssl("cms", "-sign", "-in", "content", ...content, ...signed);
    const granted = Buffer.concat([Buffer.from([0x30, 3, 2, 1, 0]), readFileSync(file("forged"))]);
    return Buffer.concat([Buffer.from([0x30, 0x82, granted.length >> 8, granted.length & 0xff]), granted]);
  };
  const queries: Buffer[] = [];
  let answering: Answering = (query, honest) => honest(query);
  const server = createServer((message, response) => {
    buffer(message).then(
      (query) => {
        queries.push(query);
        const answer = answering(query, stamp);
        if (answer === null) return;
        if (typeof answer === "number") return void response.writeHead(answer).end();
        response.writeHead(200, { "Content-Type": "application/timestamp-reply" }).end(answer);
      },
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    caFile: file("ca.pem"),
    queries,
    answerBy(given) {
      answering = given;
    },
    stamp,
    stampAsWebServer,
    async close() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
