// The runners that an app's own tests run in: each of them loads both halves, and tests a guarded route and a page's state.
import { beforeAll, describe, test } from "vitest";
import { expectSuccess, type House, makeHouse } from "./house.js";

const GUARDED = `
  const options = { policy: { idle: "15m", absolute: "12h" }, signInUrl: "/login", logger: { info() {}, warn() {}, error() {} } };
  async function guardedRoute() {
    const clock = createTestClock();
    const sessions = createSessionVerifier({ ...options, store: memoryStore({ clock }) });
    const person = await signIn(sessions, { subject: "ann" });
    const request = () => new Request("https://app.test/api", { headers: { cookie: person.cookie } });
    const guard = sessions.guard();
    const before = (await guard(request())) instanceof Response;
    clock.advance("15m");
    const after = await guard(request());
    await sessions.close();
    return [before, after instanceof Response && after.status];
  }
  const pageState = () => createTestSession({ status: "warning" }).state.status;
`;
const ESM = `
  import { createSessionVerifier } from "curfew/server/web";
  import { memoryStore } from "curfew/server";
  import { createTestClock, createTestSession, signIn } from "curfew/testing";
  ${GUARDED}`;
const CJS = `
  const { createSessionVerifier } = require("curfew/server/web");
  const { memoryStore } = require("curfew/server");
  const { createTestClock, createTestSession, signIn } = require("curfew/testing");
  ${GUARDED}`;
const EXPECTS = `
  test("a guarded route", async () => expect(await guardedRoute()).toEqual([false, 401]));
  test("a page's state", () => expect(pageState()).toBe("warning"));
`;
const ASSERTS = `
  it("a guarded route", async () => assert.deepEqual(await guardedRoute(), [false, 401]));
  it("a page's state", () => assert.equal(pageState(), "warning"));
`;
/** In a page's environment bundlers' half of curfew/testing is taken: no server. */
const PAGE = `
  test("the client and the warning load, and the client is quiet", async () => {
    const said = ["error", "warn"].map((name) => jest.spyOn(console, name));
    const { createSessionClient } = await load("curfew");
    const { attachWarning } = await load("curfew/warning");
    for (const room of ["curfew/notice", "curfew/drafts", "curfew/locales", "curfew/frame", "curfew/react"]) await load(room);
    const { createTestSession } = await load("curfew/testing");
    expect(createTestSession({ status: "ended" }).state.status).toBe("ended");
    const detach = attachWarning(createTestSession({ status: "warning" }));
    const session = createSessionClient();
    await new Promise((resolve) => setTimeout(resolve, 300));
    session.close();
    detach();
    const words = said.flatMap(({ mock }) => mock.calls.map(String));
    expect(words.filter((word) => !word.startsWith("curfew: this browser is too old for it"))).toEqual([]);
    const hasDialogs = typeof HTMLDialogElement === "function" && "showModal" in HTMLDialogElement.prototype;
    expect(words.length).toBe(hasDialogs ? 0 : 1);
  });
`;

/** What Jest's jsdom lacks of Node, and curfew/testing asks for by name. */
const FROM_NODE = `
  Object.defineProperty(globalThis, "crypto", { value: require("node:crypto").webcrypto });
  globalThis.TextEncoder = require("node:util").TextEncoder;
  globalThis.MessageChannel = require("node:worker_threads").MessageChannel;
`;

const JEST = [
  "jest@30.5.2",
  "babel-jest@30.5.2",
  "jest-environment-jsdom@30.5.2",
  "@babel/core@7",
  "@babel/preset-env@7",
];
let house: House;

beforeAll(async () => {
  house = await makeHouse({
    packages: [
      ...JEST,
      "vitest@4.1.12",
      "happy-dom@21.0.4",
      "jsdom@26",
      "mocha@11",
      "react@19",
      "react-dom@19",
    ],
    files: {
      "jest-plain/jest.config.cjs": "module.exports = { transform: {} };",
      "jest-plain/app.test.js": CJS + EXPECTS,
      "jest-babel/babel.config.cjs":
        'module.exports = { presets: [["@babel/preset-env", { targets: { node: "current" } }]] };',
      // With Curfew itself transformed too, as projects do for packages of ES modules.
      "jest-babel/jest.config.cjs":
        'module.exports = { transformIgnorePatterns: ["/node_modules/(?!curfew)"] };',
      "jest-babel/app.test.js": ESM + EXPECTS,
      "jest-jsdom/jest.config.cjs": 'module.exports = { testEnvironment: "jsdom", transform: {} };',
      "jest-jsdom/page.test.js": `const load = async (name) => require(name);\n${FROM_NODE}${PAGE}`,
      "vitest-node/app.test.js": `import { expect, test } from "vitest";\n${ESM}${EXPECTS}`,
      ...Object.fromEntries(
        ["jsdom", "happy-dom"].flatMap((environment) => [
          [
            `vitest-${environment}/vitest.config.mjs`,
            `export default { test: { environment: "${environment}" } };`,
          ],
          [
            `vitest-${environment}/page.test.js`,
            `import { expect, test, vi as jest } from "vitest";\nconst load = (name) => import(name);\n${PAGE}`,
          ],
        ]),
      ),
      "mocha/app.spec.cjs": `const assert = require("node:assert");\n${CJS}${ASSERTS}`,
      "mocha/app.spec.mjs": `import assert from "node:assert";\n${ESM}${ASSERTS}`,
      "node/app.test.cjs": `const assert = require("node:assert"); const { it } = require("node:test");\n${CJS}${ASSERTS}`,
      "node/app.test.mjs": `import assert from "node:assert"; import { it } from "node:test";\n${ESM}${ASSERTS}`,
    },
  });
});

describe("an app's tests pass in", () => {
  test.each([
    ["Jest, plain", ["node_modules/jest/bin/jest.js", "--config", "jest-plain/jest.config.cjs"]],
    ["Jest with babel", ["node_modules/jest/bin/jest.js", "--config", "jest-babel/jest.config.cjs"]],
    ["Jest with jsdom", ["node_modules/jest/bin/jest.js", "--config", "jest-jsdom/jest.config.cjs"]],
    ["Vitest", ["node_modules/vitest/vitest.mjs", "run", "--root", "vitest-node"]],
    ["Vitest with jsdom", ["node_modules/vitest/vitest.mjs", "run", "--root", "vitest-jsdom"]],
    ["Vitest with happy-dom", ["node_modules/vitest/vitest.mjs", "run", "--root", "vitest-happy-dom"]],
    ["Mocha", ["node_modules/mocha/bin/mocha.js", "mocha/app.spec.cjs", "mocha/app.spec.mjs"]],
    ["node --test", ["--test", "node/"]],
  ])("%s", async (_name, args) => {
    const outcome = await house.run(...args);
    expectSuccess(outcome);
  });
});
