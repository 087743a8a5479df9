/** A process that holds a SQLite file's lock, that writes to the file until nothing more fits, or that opens it with others. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { openDatabase } from "../../../src/server/stores/sqlite/driver.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import { TestBrowser } from "../../server/support/test-browser.js";
import { until } from "./redis-server.js";
import { watchedVerifier } from "./watched-verifier.js";

const [task = "", file = ""] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function lock(): Promise<void> {
  const { database } = openDatabase(file);
  database.exec("BEGIN EXCLUSIVE");
  say({ locked: true });
  const lines = createInterface(process.stdin);
  await once(lines, "line");
  database.exec("ROLLBACK");
  database.close();
  lines.close();
  say({ locked: false });
}

/** Says what was acknowledged, and then what the first browser is answered when the file can grow no more. */
async function fill(): Promise<void> {
  const { sessions, log } = watchedVerifier(sqliteStore(file));
  const first = await TestBrowser.signedIn(sessions);
  say({ sid: first.live.sid, cookie: first.cookie });
  for (;;) {
    const other = await TestBrowser.signedIn(sessions, { bind: false }).catch(() => null);
    if (other === null) break;
    const ended = await succeeds(sessions.end(other.live.sid));
    say({ sid: other.live.sid, cookie: other.cookie, ended });
  }
  // What was refused has left some room: a smaller change may still fit, again and again until none does.
  let answer = await first.beat(first.live.now);
  while (answer.status === 200) answer = await first.beat(first.live.now, { payload: { intent: "extend" } });
  const { status, body } = answer;
  say({ status, type: body.type, isEnded: await succeeds(sessions.end(first.live.sid)), log });
  process.exit();
}

function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** Opens the file when it is told to, as do others at the same moment, and signs somebody in. */
async function open(): Promise<void> {
  const lines = createInterface(process.stdin);
  // The parent may be stopped in the middle: nobody would be left to read what this process says.
  const exit = () => process.exit(1);
  lines.once("close", exit);
  say({ started: true });
  await once(lines, "line");
  const { sessions } = watchedVerifier(sqliteStore(file));
  // A busy machine may let the others write for longer than a sign-in waits.
  await until(async () => {
    const browser = await TestBrowser.signedIn(sessions).catch(() => null);
    if (browser !== null) say({ sid: browser.live.sid });
    return browser !== null;
  }, "nobody can sign in");
  await sessions.close();
  lines.off("close", exit);
  lines.close();
}

await (task === "lock" ? lock() : task === "fill" ? fill() : open());
