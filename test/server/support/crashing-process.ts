/**
 * A node with a signed log in which some browsers at once sign in, bind, are active, renew, leave or stay. It kills itself
 * with SIGKILL at the step that it is told: a call of the store, before it goes out or when its answer has come, or a write
 * to a file, in the middle of it. What browsers keep stands in a file, so that the next node goes on with their sessions;
 * what they were answered stands in another.
 */

import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSigningInput } from "../../../src/protocol/compact-jws.js";
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { signedLog } from "../../../src/server/audit/log/signed-log.js";
import { thumbprintOf } from "../../../src/server/platform/signatures.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import { steppingStore } from "../../stores/support/stepping-store.js";
import { killAtStep, quietly, step } from "./killing-files.js";
import { TestBrowser, type TestKey } from "./test-browser.js";

const [folder = "", startAt = "", killAt = "", turn = ""] = process.argv.slice(2);
const startedAt = performance.now();
const now = () => Math.floor(Number(startAt) + performance.now() - startedAt);
// The log's files turn with the day.
Date.now = now;
const clock = { now, monotonic: () => performance.now() - startedAt };
killAtStep(Number(killAt));

interface KeptKey {
  readonly pem: string;
  /** Base64url; it ends with the point's two coordinates. */
  readonly spki: string;
}

/** What a browser keeps. */
interface KeptBrowser {
  readonly name: string;
  readonly key: KeptKey;
  readonly cookie: string | null;
  readonly status: TestBrowser["status"];
}

function newKey(): KeptKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { pem: privateKey, spki: publicKey.toString("base64url") };
}

function keyOf({ pem, spki }: KeptKey): TestKey {
  const privateKey = createPrivateKey(pem);
  const point = Buffer.from(spki, "base64url").subarray(-64);
  const [x, y] = [point.subarray(0, 32).toString("base64url"), point.subarray(32).toString("base64url")];
  const jwk = { kty: "EC", crv: "P-256", x, y } as const;
  return {
    jwk,
    thumbprint: thumbprintOf(jwk),
    sign(header, payload) {
      const input = encodeSigningInput(header, payload);
      const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
      return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
    },
  };
}

const log = signedLog({
  directory: join(folder, "audit"),
  origin: "crashing.test/node",
  checkpointEvery: "100ms",
});
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: steppingStore(step, sqliteStore(join(folder, "sessions.db"), { clock, durability: "relaxed" })),
  signInUrl: "/login",
  logger: { info: () => {}, warn: () => {}, error: () => {} },
  audit: log,
});
await sessions.ready();

const kept = join(folder, "browsers.json");
const browsers = new Map<string, KeptBrowser>(
  existsSync(kept)
    ? (JSON.parse(readFileSync(kept, "utf8")) as KeptBrowser[]).map((browser) => [browser.name, browser])
    : [],
);
const keep = (name: string, key: KeptKey, { cookie, status }: TestBrowser) => {
  browsers.set(name, { name, key, cookie, status });
  quietly(() => writeFileSync(kept, JSON.stringify([...browsers.values()])));
};
const forget = (name: string) => browsers.delete(name);
/** What a browser has been answered must be in the trail. */
const acknowledge = (told: string) =>
  quietly(() => appendFileSync(join(folder, "acknowledged"), `${told}\n`));

async function use(browser: TestBrowser): Promise<void> {
  for (let beat = 0; beat < 2; beat++) {
    const heartbeat = await browser.heartbeat(clock.now());
    const { status } = await browser.post("/curfew/heartbeat", { heartbeat });
    if (status === 200) acknowledge(heartbeat);
  }
}

/** A browser of before goes on, and then does one of several things by its turn. */
async function goOn({ name, key, cookie, status }: KeptBrowser, way: number): Promise<void> {
  const browser = Object.assign(new TestBrowser(sessions, keyOf(key)), { cookie, status });
  if ((await browser.ask()).status !== 200) return void forget(name);
  // Where the node was killed before it had the key.
  await browser.bind();
  await use(browser);
  if (way === 0) await sessions.update(browser.request("/"), { roles: ["nurse"] });
  if (way === 1) await browser.reauthenticate(name).catch(() => {});
  if (way === 2) await sessions.end(browser.live.sid, "signed-out");
  if (way === 3) await browser.signIn(name);
  keep(name, key, browser);
}

async function begin(name: string, isLeaving: boolean): Promise<void> {
  const key = newKey();
  const browser = new TestBrowser(sessions, keyOf(key));
  await browser.signIn(name);
  acknowledge(browser.live.sid);
  keep(name, key, browser);
  await browser.bind();
  await use(browser);
  if (isLeaving) await sessions.end(browser.live.sid);
  keep(name, key, browser);
}

/** At once: those of before go on, and others begin. */
async function wave(number: number): Promise<void> {
  const old = [...browsers.values()].slice(-4);
  const all = [
    ...old.map((browser, at) => goOn(browser, (Number(turn) + number + at) % 5)),
    ...[0, 1].map((at) => begin(`${turn}-${number}-${at}`, at === 0)),
  ];
  if (number % 2 === 0) await log.checkpoint();
  await Promise.all(all);
}

for (let number = 0; number < 4; number++) await wave(number);
await sessions.close();
