/** What a page needs to check the trail by itself: the log as it stands on the disk, and one session's proof. */
import { ConfigurationError, proveSession, readSignedLog } from "curfew/server";
import type { Express } from "express";
import { alertsPage } from "./alerts-page.js";
import { refuse, sendPage } from "./answers.js";
import { auditPage } from "./audit-page.js";
import type { Trail } from "./audit-trail.js";

/** The log for a page: lines as they were signed; of what was pruned the hashes, in Base64. */
export interface ShownLog {
  readonly vkey: string;
  readonly entries: readonly ({ readonly line: string } | { readonly hash: string })[];
  readonly hashes: readonly string[];
  readonly checkpoints: readonly string[];
}

/** Anybody on this machine may read the demo's trail, signed in or not; an app of yours would guard it. */
export function addTrail(app: Express, trail: Trail): void {
  app.get("/audit", (request, response) => {
    const last = Number(request.query.last);
    const records = last > 0 ? trail.records.slice(-last) : trail.records;
    response.set("Cache-Control", "no-store").vary("Accept");
    if (request.accepts(["html", "json"]) === "json") response.json(records);
    else sendPage(response, auditPage(records.slice(-100)));
  });

  app.get("/alerts", (request, response) => {
    const alerts = trail.records.filter(({ type }) => type === "alert_raised").slice(-100);
    response.set("Cache-Control", "no-store").vary("Accept");
    if (request.accepts(["html", "json"]) === "json") response.json(alerts);
    else sendPage(response, alertsPage(alerts));
  });

  app.get("/audit/log", async (_request, response) => {
    response.set("Cache-Control", "no-store").json(await shownLog(trail));
  });

  app.get("/audit/proof", async (request, response) => {
    const { sid } = request.query;
    if (typeof sid !== "string" || !/^[\w-]{1,64}$/.test(sid))
      return refuse(response, 400, "Name one session: ?sid=SID.");
    await trail.log.checkpoint(); // what is not signed yet cannot be proven
    try {
      const proof = await proveSession(trail.directory, sid);
      response.attachment(`session-${sid}.json`).set("Cache-Control", "no-store");
      response.send(JSON.stringify(proof, null, 2));
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      refuse(response, 404, "The trail has no such session, or is not what was signed.");
    }
  });
}

async function shownLog({ log, directory }: Trail): Promise<ShownLog> {
  const read = readSignedLog(directory);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  const entries: ShownLog["entries"][number][] = [];
  for await (const entry of read.entries)
    if ("hash" in entry) entries.push({ hash: base64(entry.hash) });
    else if (!entry.isTorn) entries.push({ line: new TextDecoder().decode(entry.line) });
  return {
    vkey: log.vkey,
    entries,
    hashes: (await all(read.hashes)).map(base64),
    checkpoints: await all(read.checkpoints),
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
