/** The blocks of docs/init.md, by what the line above each says that it is for. */
import { packageText } from "./texts.js";

const BLOCK = /^<!-- init: (.+) -->\n```\w+\n([\s\S]*?)^```$/gm;

const blocks = (): ReadonlyMap<string, string> =>
  new Map([...packageText("docs/init.md").matchAll(BLOCK)].map(([, mark = "", code = ""]) => [mark, code]));

/** @throws Error where the guide has no such block */
export function guideBlock(mark: string): string {
  const code = blocks().get(mark);
  if (code === undefined) throw new Error(`docs/init.md has no block for ${mark}`);
  return code;
}

/** The configuration of the sidecar, as docs/server.md shows it. */
export function sidecarConfig(): string {
  const [, code] =
    /^<!-- check: sidecar -->\n```json\n([\s\S]*?)^```$/m.exec(packageText("docs/server.md")) ?? [];
  if (code === undefined) throw new Error("docs/server.md has no configuration of the sidecar");
  return code;
}
