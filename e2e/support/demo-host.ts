/** A process that holds many demos, each with its own settings, store and address: `demo-hosts.ts` starts it and asks it. */
import { bundleScripts } from "../../demo/bundles.js";
import { readEnvironment } from "../../demo/environment.js";
import { type OpenDemo, openDemo } from "../../demo/open.js";

/** An environment opens a demo, an address closes the one there. */
export type Request = { readonly id: number } & (
  | { readonly open: Readonly<Record<string, string>> }
  | { readonly close: string }
);
export type Answer = { readonly id: number } & ({ readonly url: string } | { readonly error: string });

const scripts = await bundleScripts();
const demos = new Map<string, OpenDemo>();

async function answer(request: Request): Promise<string> {
  if ("open" in request) {
    const demo = await openDemo(readEnvironment({ PORT: "0", ...request.open }), scripts);
    demos.set(demo.url, demo);
    return demo.url;
  }
  await demos.get(request.close)?.close();
  demos.delete(request.close);
  return request.close;
}

process.on("message", (request: Request) => {
  const send = (result: { url: string } | { error: string }) => process.send?.({ id: request.id, ...result });
  answer(request).then(
    (url) => send({ url }),
    (error) => send({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
