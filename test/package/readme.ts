/** The fenced blocks of the README and of the guides it leads to first, each with the check that the line above it asks for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./project.js";

export interface Block {
  /** The file without its folder and ending, in lower case. */
  readonly page: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What `<!-- check: … -->` above it says; undefined when nothing stands there. */
  readonly check: string | undefined;
  readonly code: string;
}

/** @throws Error when a fence is not closed */
export function blocksOf(markdown: string, page = "text"): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const language = /^\s*(?:```|~~~)(.*)$/.exec(lines[at] ?? "")?.[1];
    if (language === undefined) continue;
    const length = lines.slice(at + 1).findIndex((line) => /^\s*(?:```|~~~)\s*$/.test(line));
    if (length < 0) throw new Error(`The block that begins at line ${at + 1} does not end.`);
    const check = /^<!-- check: (\S+) -->$/.exec(lines[at - 1] ?? "")?.[1];
    const code = lines.slice(at + 1, at + 1 + length).join("\n");
    blocks.push({ page, line: at + 1, language: language.trim(), check, code });
    at += length + 1;
  }
  return blocks;
}

const PAGES = ["README.md", "docs/server.md", "docs/page.md"];
const textOf = (page: string) => readFileSync(join(ROOT, page), "utf8");

export const readme = textOf("README.md");
export const blocks = PAGES.flatMap((page) =>
  blocksOf(textOf(page), page.replace(/^docs\/|\.md$/g, "").toLowerCase()),
);

export const blocksToCheck = (check: string) => blocks.filter((block) => block.check === check);
