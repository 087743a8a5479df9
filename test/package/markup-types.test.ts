// What TypeScript knows, by the installed package, of the script include's global and of Curfew's elements in markup.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { type CompileOptions, compileIn } from "./compile.js";
import { runNode, runProgram } from "./project.js";

const consumer = inject("consumer");

/** Each line below `@ts-expect-error` must be refused, and nothing else. */
async function expectTaken(folder: string, { files, compilerOptions }: Partial<CompileOptions>) {
  const { stdout } = await compileIn(folder, {
    files: [...(files ?? []), ["package.json", '{ "type": "module" }']],
    skipLibCheck: true,
    ...(compilerOptions === undefined ? {} : { compilerOptions }),
  });
  expect(stdout).toBe("");
}

describe("the script include", () => {
  const USE = `
    export const status: string | undefined = window.Curfew?.session.state.status;
    window.Curfew?.attachWarning(window.Curfew.session, { work: "saved" });
    // @ts-expect-error It is not there where something has kept the script from the page.
    window.Curfew.session;
    // @ts-expect-error
    window.Curfew?.sessions;`;

  test("is typed as window.Curfew by an import of its types", () =>
    expectTaken(join(consumer, "by-import"), {
      files: [["app.ts", `import "curfew/script-include"; ${USE}`]],
    }));

  test("is typed as window.Curfew by a reference to them", () =>
    expectTaken(join(consumer, "by-reference"), {
      files: [["app.ts", `/// <reference types="curfew/script-include" />\n${USE}`]],
    }));

  test("is not typed where an app only imports the client", () =>
    expectTaken(join(consumer, "without-include"), {
      files: [
        [
          "app.ts",
          'import "curfew"; import "curfew/warning";\n// @ts-expect-error\nexport const none = window.Curfew;',
        ],
      ],
    }));

  test("is an empty module for a program whose compiler keeps the import", async () => {
    const both =
      'import("curfew/script-include").then((names) => console.log(Object.keys({ ...names, ...require("curfew/script-include") })))';
    const { stdout } = await runNode(["-e", both], consumer);
    expect(stdout).toBe("[]\n");
  });
});

test("the elements and their events are those of the document", () =>
  expectTaken(join(consumer, "document"), {
    files: [
      [
        "app.ts",
        `import type { CurfewWarning } from "curfew/warning";
        export const warning: CurfewWarning | null = document.querySelector("curfew-warning");
        document.addEventListener("curfew-uncovered", ({ detail }) => detail.sid.toUpperCase());
        document.addEventListener("curfew-before-end", ({ detail }) => detail.waitUntil(Promise.resolve()));
        // @ts-expect-error
        document.addEventListener("curfew-extended", ({ detail }) => detail.sid);`,
      ],
    ],
  }));

/** Right and wrong attributes, which are the same in every JSX; what an attribute of HTML is called is not. */
const markup = (ofHtml: string) => `
  export const warning = (
    <curfew-warning work="saved" sign-out="none" role="dialog" locale="de" announce="60000 30000" id="a" key="a" ${ofHtml} />
  );
  export const notice = <curfew-notice idle="20m" absolute="12h" work="notSaved" ${ofHtml} />;
  // @ts-expect-error
  export const wrongWord = <curfew-warning work="lost" />;
  // @ts-expect-error
  export const wrongChoice = <curfew-warning sign-out="yes" />;
  // @ts-expect-error
  export const wrongName = <curfew-warning counting="calm" />;
  // @ts-expect-error
  export const wrongType = <curfew-notice idle={20} />;
  // @ts-expect-error
  export const wrongTitle = <curfew-notice title={20} />;
  export const otherwise = <div title="as before" />;`;

describe("in the JSX of React", () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-react-types-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "name": "types", "private": true }');
  const aliases = [16, 17, 18].map((version) => `react-${version}@npm:@types/react@${version}`);
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = runProgram("npm", ["install", ...flags, ...aliases], folder);

  const TSX = `
    import * as React from "react";
    import type {} from "curfew/react";
    import type { CurfewWarning } from "curfew/warning";
    ${markup('className="a"')}
    const connect = (element: CurfewWarning | null) => { element?.tells("/curfew"); };
    export const held = <curfew-warning ref={connect}><img slot="mark" src="/mark.svg" alt="" /></curfew-warning>;
    // @ts-expect-error
    export const heldWrongly = <curfew-notice ref={connect} />;
    export const made = React.createElement("curfew-warning");`;

  test.each([
    { version: 16, jsx: "react" },
    { version: 17, jsx: "react-jsx" },
    { version: 18, jsx: "react-jsx" },
  ])("$version, compiled to $jsx", async ({ version, jsx }) => {
    const { code, stderr } = await installed;
    expect(code, stderr).toBe(0);
    const app = join(folder, `${version}`);
    cpSync(join(folder, `node_modules/react-${version}`), join(app, "node_modules/@types/react"), {
      recursive: true,
    });
    cpSync(join(consumer, "node_modules/curfew"), join(app, "node_modules/curfew"), {
      recursive: true,
      filter: (path) => !/\/(?:examples|docs|script)$|\.(?:js|map)$/.test(path),
    });
    await expectTaken(join(app, "app"), { files: [["app.tsx", TSX]], compilerOptions: { jsx, types: [] } });
  });

  test("19, compiled to react-jsx", () =>
    expectTaken(join(consumer, "react-19"), { files: [["app.tsx", TSX]] }));
});

test("in the JSX and in the templates of Vue the elements are known with their attributes", () =>
  expectTaken(join(consumer, "vue"), {
    files: [
      [
        "app.tsx",
        `import type { GlobalComponents } from "vue";
        import type {} from "curfew/vue";
        ${markup('class="a"')}
        type PropsOf<Name extends keyof GlobalComponents> = InstanceType<GlobalComponents[Name]>["$props"];
        export const right: PropsOf<"curfew-warning"> = { work: "saved", "sign-out": "none", class: "a" };
        // @ts-expect-error
        export const wrong: PropsOf<"curfew-warning"> = { work: "lost" };
        // @ts-expect-error
        export const wrongNotice: PropsOf<"curfew-notice"> = { idle: 20 };`,
      ],
    ],
    compilerOptions: { jsx: "preserve", jsxImportSource: "vue" },
  }));

test("the stories that the documents lead to hold to the installed package", () => {
  const name = "curfew-warning.stories.ts";
  const text = readFileSync(join(consumer, "node_modules/curfew/docs/stories", name), "utf8");
  return expectTaken(join(consumer, "stories"), { files: [[name, text]] });
});
