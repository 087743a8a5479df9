/** A process whose event loop stands still now and again: a verifier on a database behind real HTTP. */
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { createSessionVerifier } from "../../../src/server/adapters/node.js";
import { postgresStore } from "../../../src/server/stores/postgres/store.js";
import { redisStore } from "../../../src/server/stores/redis/store.js";
import { SILENT } from "../../server/support/test-verifier.js";

const [url = ""] = process.argv.slice(2);
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: url.startsWith("postgres:") ? postgresStore(url) : redisStore(url),
  signInUrl: "/login",
  logger: SILENT,
});
const guard = sessions.guard();
const server = createServer((request, response) => {
  if (request.url === "/sign-in")
    return void sessions.start(request, response, { subject: "ann" }).then(
      () => response.end("in"),
      ({ status = 500 }: { status?: number }) => response.writeHead(status).end(),
    );
  return guard(request, response, () => response.end("guarded"));
});

function standStill(duration: number): void {
  const until = performance.now() + duration;
  while (performance.now() < until);
}

let duration = 0;
/** Once a second; where it stands still for as long as that, it works for a quarter of a second in between. */
function stall(): void {
  standStill(duration);
  setTimeout(stall, Math.max(250, 1_000 - duration));
}
stall();
createInterface(process.stdin).on("line", (line) => {
  duration = Number(line);
});
process.stdin.on("end", () => process.exit());

await sessions.ready();
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : 0}\n`);
});
