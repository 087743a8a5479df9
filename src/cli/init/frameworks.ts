/** The frameworks that `curfew init` knows: how a project shows that it has one, and the files that it gets. */
import { guideBlock, sidecarConfig } from "./guide.js";
import { packageText } from "./texts.js";

export const FRAMEWORK_NAMES = [
  "express",
  "fastify",
  "hono",
  "nest",
  "next",
  "nuxt",
  "sveltekit",
  "nginx",
  "caddy",
] as const;
export type FrameworkName = (typeof FRAMEWORK_NAMES)[number];

export interface Template {
  /** In the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Framework {
  readonly title: string;
  /** The package by which a project has it; null where none of its own tells. */
  readonly package: string | null;
  /** What its files are written in, where the project itself is written otherwise. */
  readonly only: "typescript" | "modules" | null;
  /** A folder below which its files stand, where the project has that folder. */
  readonly below: string | null;
  templates(): readonly Template[];
}

const verifierFile = (name: FrameworkName): Template => ({
  path: "curfew.ts",
  text: guideBlock(`${name} file curfew.ts`),
});
const ofGuide = (name: FrameworkName, path: string): Template => ({
  path,
  text: guideBlock(`${name} file ${path}`),
});
const config = (): Template => ({ path: "curfew.config.json", text: sidecarConfig() });

/** The order is that of looking: what is built on another comes before it. */
export const FRAMEWORKS: Readonly<Record<FrameworkName, Framework>> = {
  next: {
    title: "Next",
    package: "next",
    only: "typescript",
    below: "src",
    templates: () => [
      { path: "lib/sessions.ts", text: packageText("examples/next/lib/sessions.ts") },
      { path: "lib/current-session.ts", text: packageText("examples/next/lib/current-session.ts") },
      {
        path: "app/curfew/[...path]/route.ts",
        text: packageText("examples/next/app/curfew/[...path]/route.ts"),
      },
    ],
  },
  nuxt: {
    title: "Nuxt",
    package: "nuxt",
    only: "typescript",
    below: null,
    templates: () => [
      { path: "server/utils/sessions.ts", text: packageText("examples/nuxt/server/utils/sessions.ts") },
      { path: "server/middleware/guard.ts", text: packageText("examples/nuxt/server/middleware/guard.ts") },
    ],
  },
  sveltekit: {
    title: "SvelteKit",
    package: "@sveltejs/kit",
    only: "modules",
    below: null,
    templates: () => [
      ofGuide("sveltekit", "src/lib/server/curfew.ts"),
      ofGuide("sveltekit", "src/lib/server/curfew-handle.ts"),
      ofGuide("sveltekit", "src/hooks.server.ts"),
    ],
  },
  nest: {
    title: "NestJS",
    package: "@nestjs/core",
    only: null,
    below: "src",
    templates: () => [verifierFile("express")],
  },
  fastify: {
    title: "Fastify",
    package: "fastify",
    only: null,
    below: "src",
    templates: () => [verifierFile("fastify")],
  },
  hono: {
    title: "Hono",
    package: "hono",
    only: null,
    below: "src",
    templates: () => [verifierFile("hono")],
  },
  express: {
    title: "Express",
    package: "express",
    only: null,
    below: "src",
    templates: () => [verifierFile("express")],
  },
  nginx: {
    title: "nginx and the sidecar",
    package: null,
    only: "typescript",
    below: null,
    templates: () => [config(), { path: "curfew.conf", text: packageText("examples/nginx/curfew.conf") }],
  },
  caddy: {
    title: "Caddy and the sidecar",
    package: null,
    only: "typescript",
    below: null,
    templates: () => [config(), { path: "Caddyfile", text: packageText("examples/caddy/Caddyfile") }],
  },
};

/** The first of them that the packages of a project show, else null. */
export function frameworkIn(packages: readonly string[]): FrameworkName | null {
  const found = Object.entries(FRAMEWORKS).find(
    ([, one]) => one.package !== null && packages.includes(one.package),
  );
  return FRAMEWORK_NAMES.find((name) => name === found?.[0]) ?? null;
}
