import { expect, test } from "vitest";
import {
  corridorMistakes,
  cycles,
  FLOORS,
  faceMistakes,
  floorMistakes,
  httpMistakes,
  innerFloorMistakes,
  longestChain,
  packageMistakes,
} from "./rules.js";
import { importsOf, planted, sourcesIn } from "./sources.js";

const SOURCES = sourcesIn("src");
const FACES = SOURCES.filter(({ path }) => path.endsWith("index.ts")).map(({ path }) => path);

test("the walk sees the whole house, and every way to import", () => {
  expect(SOURCES.length).toBeGreaterThan(70);
  const text = `
    import type { A } from "./a.js";
    import "./b.js";
    export { c } from "./c.js";
    export type { D } from "./d.js";
    await import("./e.js");
    import { type F } from "./f.js";
    import g, { type H } from './g.js';
    export * from "./h.js";
    export const i: import("./i.js").I = 1;
    import {
      j,
    } from "./j.js";
    // import "./no.js"
    const no = 'import "./no.js"';
  `;
  const seen = [...importsOf(planted("src/a.ts", text))].sort();
  expect(seen).toEqual([..."abcdefghij"].map((name) => `./${name}.js`));
});

test("arrows go down only, and browser and server never meet", () => {
  expect(floorMistakes(SOURCES)).toEqual([]);
});

test.each([
  ["up", planted("src/session/a.ts", 'import { b } from "../protocol/b.js";')],
  ["up by a type", planted("src/protocol/a.ts", 'import type { B } from "../browser/b.js";')],
  ["across", planted("src/browser/a.ts", 'import type { B } from "../server/b.js";')],
  ["back across", planted("src/server/http/a.ts", 'export { b } from "../../browser/b.js";')],
  ["up to a screen", planted("src/browser/a.ts", 'import { b } from "../warning/b.js";')],
  ["between screens", planted("src/react/a.ts", 'import type { B } from "../vue/b.js";')],
  [
    "up to the script include",
    planted("src/warning/a.ts", 'import { session } from "../script-include.js";'),
  ],
  ["from a face into the server", planted("src/index.ts", 'export type { B } from "./server/b.js";')],
  ["out of a room that nobody planned", planted("src/shed/a.ts", 'import { b } from "../session/b.js";')],
  ["past the client's type", planted("src/warning/a.ts", 'import { b } from "../browser/client.js";')],
])("an arrow that goes %s is seen", (_name, source) => {
  expect(floorMistakes([source])).toHaveLength(1);
});

test("inside the client, the verifier and the sidecar arrows go down only", () => {
  expect(innerFloorMistakes(SOURCES)).toEqual([]);
});

test.each([
  ["up", planted("src/browser/input/a.ts", 'import { b } from "../page/b.js";')],
  ["up by a type", planted("src/browser/verifier/a.ts", 'import type { B } from "../state/b.js";')],
  ["across a floor", planted("src/browser/tabs/a.ts", 'import { b } from "../verifier/b.js";')],
  ["up to a file above the rooms", planted("src/browser/page/a.ts", 'import { b } from "../client.js";')],
  ["out of a room that nobody planned", planted("src/browser/shed/a.ts", "export const a = 1;")],
])("inside the client an arrow that goes %s is seen", (_name, source) => {
  expect(innerFloorMistakes([source])).toHaveLength(1);
});

test.each([
  ["up", planted("src/server/record/a.ts", 'import { b } from "../lifecycle/b.js";')],
  ["up by a type", planted("src/server/stores/redis/a.ts", 'import type { B } from "../../http/b.js";')],
  ["across a floor", planted("src/server/record/a.ts", 'import type { B } from "../policy/b.js";')],
  ["from a rule to the words of HTTP", planted("src/server/key/a.ts", 'import "../http/exchange.js";')],
  ["out of a room that nobody planned", planted("src/server/shed/a.ts", "export const a = 1;")],
])("inside the verifier an arrow that goes %s is seen", (_name, source) => {
  expect(innerFloorMistakes([source])).toHaveLength(1);
});

test("the verifier stands on nine floors", () => {
  expect(FLOORS.server).toHaveLength(9);
});

test.each(["src/server/index.ts", "src/index.ts", "src/warning/index.ts"])(
  "who follows a value from %s on reads fourteen files at most",
  (face) => {
    const chain = longestChain(SOURCES, face);
    expect(chain.length, chain.join("\n")).toBeLessThanOrEqual(14);
  },
);

test("below http/ no code of the verifier speaks of HTTP", () => {
  expect(httpMistakes(SOURCES)).toEqual([]);
});

test.each([
  planted("src/server/activity/a.ts", "export const a = (request) => request.method;"),
  planted("src/server/subject/a.ts", 'export const a = (b) => b.headers.get("origin");'),
  planted("src/server/lifecycle/a.ts", "export const a = ({ cookie }) => cookie;"),
])("a word of HTTP below it is seen: $text", (source) => {
  expect(httpMistakes([source])).toHaveLength(1);
});

test("a word of HTTP above it, or in a comment, is left alone", () => {
  const above = planted("src/server/verifier/a.ts", "export const a = (request) => request.headers;");
  const said = planted("src/server/key/a.ts", "// The request and its headers.\nexport const a = 1;");
  expect(httpMistakes([above, said])).toEqual([]);
});

test("the longest chain is found, by types too and out of the side", () => {
  const sources = [
    planted("src/server/index.ts", 'export { a } from "./a.js"; export type { C } from "./c.js";'),
    planted("src/server/a.ts", 'import "./b.js"; import "./c.js";'),
    planted("src/server/b.ts", 'import type { C } from "./c.js";'),
    planted("src/server/c.ts", 'import { d } from "../protocol/d.js";'),
    planted("src/protocol/d.ts", "export const d = 1;"),
  ];
  const names = longestChain(sources, "src/server/index.ts").map((path) => path.replace(/.*\//, ""));
  expect(names).toEqual(["index.ts", "a.ts", "b.ts", "c.ts", "d.ts"]);
});

test("there are no cycles, not even of types", () => {
  expect(cycles(SOURCES)).toEqual([]);
});

test("a cycle is seen", () => {
  const sources = [
    planted("src/session/a.ts", 'import { b } from "./b.js";'),
    planted("src/session/b.ts", 'import type { C } from "./c.js";'),
    planted("src/session/c.ts", 'export { a } from "./a.js";'),
  ];
  expect(cycles(sources)).toEqual([
    "src/session/a.ts → src/session/b.ts → src/session/c.ts → src/session/a.ts",
  ]);
});

test("a file that imports itself is a cycle, and two ways to one file are none", () => {
  expect(cycles([planted("src/session/a.ts", 'import type { A } from "./a.js";')])).toHaveLength(1);
  const diamond = [
    planted("src/session/a.ts", 'import "./b.js"; import "./c.js";'),
    planted("src/session/b.ts", 'import "./d.js";'),
    planted("src/session/c.ts", 'import "./d.js";'),
    planted("src/session/d.ts", "export const d = 1;"),
  ];
  expect(cycles(diamond)).toEqual([]);
});

test("an index is a face that nobody inside imports, with named re-exports only", () => {
  expect(corridorMistakes(SOURCES)).toEqual([]);
  expect(FACES.length).toBeGreaterThan(2);
  expect(faceMistakes(SOURCES, FACES)).toEqual([]);
});

test("a corridor and a face with code in it are seen", () => {
  expect(corridorMistakes([planted("src/warning/a.ts", 'import { b } from "../index.js";')])).toHaveLength(1);
  const faces = ['export * from "./a.js";', 'export { a } from "./a.js";\nconst b = 1;'];
  for (const text of faces)
    expect(faceMistakes([planted("src/index.ts", text)], ["src/index.ts"])).toHaveLength(1);
});

test("each room imports only the packages that it may", () => {
  expect(packageMistakes(SOURCES)).toEqual([]);
});

test("a package that may be missing is asked for when it is needed", () => {
  const text = 'export const open = () => require("libsql") ?? require("node:sqlite");';
  expect(packageMistakes([planted("src/server/a.ts", text)])).toEqual([]);
});

test("an ES module that may be missing is awaited when it is needed", () => {
  const text = 'export const load = () => import("jose"); export type Jose = typeof import("jose");';
  expect(packageMistakes([planted("src/server/a.ts", text)])).toEqual([]);
});

test("of a package that the app may bring, only the types are taken", () => {
  const text = 'import type { FastifyReply } from "fastify";\nimport type { Context } from "hono";';
  expect(packageMistakes([planted("src/server/a.ts", text)])).toEqual([]);
});

test.each([
  planted("src/browser/a.ts", 'import b from "ms";'),
  planted("src/browser/a.ts", 'import { b } from "node:fs";'),
  planted("src/session/a.ts", 'import type { B } from "valibot";'),
  planted("src/react/a.ts", 'import { b } from "vue";'),
  planted("src/warning/a.ts", 'import { b } from "idb-keyval";'),
  planted("src/index.ts", 'export { b } from "broadcast-channel";'),
  planted("src/browser/a.ts", 'import { b } from "idb-keyval/dist/index.js";'),
  planted("src/server/a.ts", 'import { b } from "express";'),
  planted("src/server/a.ts", 'import { Hono } from "hono";'),
  planted("src/server/a.ts", 'import { type Hono } from "hono";'),
  planted("src/browser/a.ts", 'import type { Hono } from "hono";'),
  planted("src/server/a.ts", 'import type Database from "libsql";'),
  planted("src/server/a.ts", 'import { DatabaseSync } from "node:sqlite";'),
  planted("src/server/a.ts", 'export const a = require("valibot");'),
  planted("src/server/a.ts", 'import { jwtVerify } from "jose";'),
  planted("src/server/a.ts", 'export { jwtVerify } from "jose"; export const a = () => import("jose");'),
  planted("src/cli/a.ts", 'export const a = () => import("jose");'),
  planted("src/browser/a.ts", 'export const a = require("libsql");'),
])("a package where it must not be is seen: $text", (source) => {
  expect(packageMistakes([source])).toHaveLength(1);
});
