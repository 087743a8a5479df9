// The six questions of docs/architecture.md, and the rooms that it names: held to the files, so that no answer rots.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FLOORS } from "../walls/rules.js";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
const MOST_FILES = 3;

interface Answer {
  readonly question: string;
  /** Each file with the names that it is said to hold. */
  readonly files: readonly { readonly path: string; readonly names: readonly string[] }[];
}

function answersIn(page: string): readonly Answer[] {
  const section = page.split(/^## /m).find((text) => text.startsWith("Six questions")) ?? "";
  const rows = [...section.matchAll(/^\| (.+\?) \| (.+) \|$/gm)];
  return rows.map(([, question = "", answer = ""]) => ({
    question,
    files: answer.split("; ").map((part) => {
      const [path = "", ...names] = [...part.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
      return { path, names };
    }),
  }));
}

/** What is wrong with an answer, in sentences. */
function mistakesIn({ question, files }: Answer): readonly string[] {
  return [
    ...(files.length > MOST_FILES ? [`${question} takes ${files.length} files`] : []),
    ...files.flatMap(({ path, names }) => {
      if (!/\.ts$/.test(path) || !existsSync(join(ROOT, path))) return [`${question} names no file: ${path}`];
      const text = readFileSync(join(ROOT, path), "utf8");
      const isMade = (name: string) => new RegExp(`\\b(?:function|const|interface) ${name}\\b`).test(text);
      if (names.length === 0) return [`${question} says nothing of what is in ${path}`];
      return names.filter((name) => !isMade(name)).map((name) => `${path} makes no ${name}`);
    }),
  ];
}

test("each of the six questions is answered by three files at most, which hold what is said of them", () => {
  const answers = answersIn(PAGE);
  expect(answers).toHaveLength(6);
  expect(answers.flatMap(mistakesIn)).toEqual([]);
});

test.each([
  ["a file that is gone", "`src/server/gone.ts` `gone`"],
  ["a name that is gone", "`src/session/deadlines.ts` `gone`"],
  ["a file without a name", "`src/session/deadlines.ts`"],
  [
    "four files",
    Array.from({ length: 4 }, () => "`src/session/deadlines.ts` `deadlinesOf`: there").join("; "),
  ],
])("an answer with %s is seen", (_name, answer) => {
  const page = `## Six questions\n\n| Where is it? | ${answer} |\n`;
  expect(answersIn(page).flatMap(mistakesIn)).toHaveLength(1);
});

test("every room of the verifier stands in the page on its floor", () => {
  const section = PAGE.split(/^## /m).find((text) => text.startsWith("The verifier")) ?? "";
  const rows = [...section.matchAll(/^\| (\d) \| ([^|]+) \|/gm)];
  const told = rows.flatMap(([, floor, rooms = ""]) =>
    [...rooms.matchAll(/`([\w-]+)/g)].map(([, room = ""]) => `${floor} ${room}`),
  );
  const planned = FLOORS.server.flatMap((rooms, at) => rooms.map((room) => `${at + 1} ${room}`));
  expect(told.sort()).toEqual(planned.sort());
  const folders = readdirSync(join(ROOT, "src/server")).map((name) => name.replace(/\.ts$/, ""));
  expect(planned.map((room) => room.slice(2)).sort()).toEqual(folders.sort());
});
