/** `curfew policy --format`, `--trail`, `--parity` and `lock`, as a pipeline calls them. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import Ajv from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { policyDocument, readPolicy } from "../../src/server/policy/policy.js";
import { resolveRoute, resolveTimeouts } from "../../src/server/policy/resolve.js";
import { runInProcess } from "./support/command.js";
import { type Folder, temporaryFolder } from "./support/program.js";
import { BASIC, writeConfig } from "./support/sidecar.js";

let folder: Folder;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const POLICY = {
  name: "bank",
  idle: "15m",
  absolute: "12h",
  standards: ["pci-dss-8.2.8", "disa-asd-admin"],
  owner: "Security <office>",
  approvals: [{ by: "J. Doe | CISO", on: "2026-11-02", note: "CR-1" }],
  reviewBy: "2027-11-02",
  rules: [
    { name: "admins", roles: ["admin"], idle: "10m", justification: "STIG V-222390" },
    {
      name: "keys",
      routes: ["/admin/**"],
      fresh: "5m",
      requireRoles: ["admin"],
      justification: "keys are money",
    },
    { routes: ["/**"] },
  ],
};

const config = (policy: object = {}, more: object = {}, name = "curfew.config.json") =>
  writeConfig(folder, { ...BASIC, ...more, policy: { ...POLICY, ...policy } }, name);
const printed = (format: string, ...more: readonly string[]) =>
  runInProcess(folder.file("."), ["policy", "-c", config(), "--format", format, ...more]);

describe("the document", () => {
  test.each(["text", "md", "html", "oscal", "json"])(
    "as %s has the same bytes in every zone and on every day",
    async (format) => {
      const zone = process.env.TZ;
      const texts: string[] = [];
      for (const other of ["UTC", "Pacific/Kiritimati"]) {
        process.env.TZ = other;
        const { code, text } = await printed(format);
        expect(code).toBe(0);
        texts.push(text);
      }
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
      expect(texts[0]).toBe(texts[1]);
      expect(texts[0]).not.toMatch(/\r/);
      expect(texts[0]).not.toContain(new Date().toISOString().slice(0, 10));
    },
  );

  test.each(["text", "md", "html", "oscal", "json"])(
    "as %s is the same but for the day where reviewBy is past: that is said once beside it, and nothing is refused",
    async (format) => {
      const of = async (reviewBy: string) => {
        const file = config({ reviewBy }, {}, `${reviewBy}.json`);
        const { code, text } = await runInProcess(folder.file("."), [
          "policy",
          "-c",
          file,
          "--format",
          format,
        ]);
        expect(code).toBe(0);
        // The ids of OSCAL come of what the document says, the day among it.
        return text
          .replaceAll(reviewBy, "DAY")
          .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID");
      };
      const [document, told, ...rest] = (await of("2020-01-01")).split("\ncurfew: ");
      expect(told).toBe(
        "the policy was to be reviewed by DAY: have whoever answers for it (Security <office>) look at it, and write a later reviewBy",
      );
      expect(rest).toEqual([]);
      expect(document?.trimEnd()).toBe(await of("2999-01-01"));
    },
  );

  test("gives each role and route the times that the server resolves", async () => {
    const { text } = await printed("json");
    const { effective } = JSON.parse(text) as {
      effective: {
        who: string;
        paths: string[];
        idleTimeout: number;
        freshPeriod: number | null;
        requiredRoles: string[][];
      }[];
    };
    const policy = readPolicy(POLICY);
    const contextOf = (roles: readonly string[]) => ({ roles, attributes: {}, networks: [] });
    expect(effective.length).toBeGreaterThan(3);
    for (const { who, paths, idleTimeout, freshPeriod, requiredRoles } of effective) {
      const context = contextOf(who.includes('"admin"') ? ["admin"] : []);
      expect(idleTimeout).toBe(resolveTimeouts(policy, context).idleTimeout);
      for (const path of paths)
        expect({ freshPeriod, requiredRoles }).toEqual(pickedFrom(resolveRoute(policy, context, path)));
    }
    expect(effective.flatMap(({ paths }) => paths)).toContain("/admin");
  });

  test("as Markdown and HTML names who answers, each rule's reason and each clause's number, and nothing of it is markup", async () => {
    const [md, html] = [(await printed("md")).text, (await printed("html")).text];
    expect(md).toContain("| J. Doe \\| CISO | 2026-11-02 | CR-1 |");
    for (const told of ["STIG V-222390", "keys are money", "2027-11-02", "at most 10m"]) {
      expect(md).toContain(told);
      expect(html).toContain(told);
    }
    expect(html).toContain("Owner: Security &lt;office&gt;.");
    expect(html).not.toMatch(/<script|https?:\/\//);
    expect(html).toContain('<html lang="en">');
    const tables = html.match(/<table>/g)?.length ?? 0;
    expect(tables).toBeGreaterThan(3);
    expect(html.match(/<caption id=/g)).toHaveLength(tables);
    expect(html.match(/<td>|<th\b(?! scope="(?:col|row)")/g)?.filter((tag) => tag !== "<td>")).toEqual([]);
  });

  test("as OSCAL holds against NIST's schema, names the controls, and has one UUID for each thing", async () => {
    const { text } = await printed("oscal");
    const schema = JSON.parse(readFileSync("test/cli/support/oscal-component-1.0.4.schema.json", "utf8"));
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const holds = ajv.compile(schema);
    expect(holds(JSON.parse(text)), JSON.stringify(holds.errors)).toBe(true);
    const ids = [...text.matchAll(/"control-id": "([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      "ac-2.5",
      "ac-11",
      "ac-12",
      "ac-12.1",
      "ia-11",
      "sc-23",
      "au-2",
      "au-3",
      "au-9",
      "au-10",
      "au-12",
    ]);
    const uuids = [...text.matchAll(/"uuid": "([^"]+)"/g)].map(([, uuid]) => uuid);
    expect(new Set(uuids).size).toBe(uuids.length);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(text).toContain('"last-modified": "2026-11-02T00:00:00Z"');
  });

  test("of a policy that somebody approves keeps its fingerprint, and another rule has another one", async () => {
    const of = (policy: object) => readPolicy({ ...POLICY, ...policy }).fingerprint;
    expect(of({ approvals: [], owner: "else", reviewBy: "2030-01-01" })).toBe(of({}));
    expect(of({ idle: "14m" })).not.toBe(of({}));
  });

  test("has the history of a trail, and whether each policy was looser than the one before", async () => {
    const start = (at: string, policy: object) => {
      const document = policyDocument(readPolicy({ idle: "15m", absolute: "12h", ...policy }));
      const fingerprint = createHash("sha256").update(document).digest("base64url");
      return JSON.stringify({
        v: 1,
        at,
        type: "policy_in_force",
        app: "curfew",
        document,
        policy: fingerprint,
      });
    };
    const trail = folder.file("trail.jsonl");
    const starts = [
      start("2026-01-01T00:00:00.000Z", {}),
      start("2026-01-02T00:00:00.000Z", {}),
      start("2026-02-01T00:00:00.000Z", { idle: "10m" }),
      start("2026-03-01T00:00:00.000Z", { idle: "20m" }),
      start("2026-04-01T00:00:00.000Z", { idle: "20m", name: "renamed" }),
    ];
    writeFileSync(trail, `${starts.join("\n")}\n`);
    const { text } = await printed("json", "--trail", trail);
    const { history } = JSON.parse(text) as { history: { at: string; effect: string }[] };
    expect(history.map(({ at, effect }) => [at.slice(0, 7), effect])).toEqual([
      ["2026-01", "first"],
      ["2026-02", "stricter"],
      ["2026-03", "looser"],
      ["2026-04", "the same for everybody"],
    ]);
    expect((await printed("md", "--trail", trail)).text).toContain(
      "Policies in force, as the audit trail has them",
    );
    const missing = await printed("text", "--trail", folder.file("nothing"));
    expect(missing.code).toBe(1);
    expect(missing.text).toContain("give the directory of a signed log");
  });

  test("in a format that is none is refused with those that there are", async () => {
    const { code, text } = await printed("pdf");
    expect([code, text]).toEqual([1, '--format is "pdf"; write one of text, md, html, oscal, json']);
  });
});

describe("the lock", () => {
  const lock = (policy: object, ...more: readonly string[]) =>
    runInProcess(folder.file("."), [
      "policy",
      "lock",
      `production=${config(policy)}`,
      "-f",
      folder.file("lock.json"),
      ...more,
    ]);

  test("holds a policy until it changes, and says what to do then", async () => {
    const none = await lock({}, "--check");
    expect([none.code, none.text]).toEqual([1, expect.stringContaining("production is not in")]);
    expect((await lock({})).code).toBe(0);
    expect((await lock({ approvals: [] }, "--check")).code).toBe(0);
    const changed = await lock({ idle: "14m" }, "--check");
    expect([changed.code, changed.text]).toEqual([1, expect.stringContaining("lock it again")]);
    expect((await lock({ idle: "14m" })).code).toBe(0);
    expect((await lock({ idle: "14m" }, "--check")).code).toBe(0);
  });
});

describe("parity", () => {
  const parity = (policy: object, options: object, ...more: readonly string[]) => {
    const files = [config({}, {}, "prod.json"), config(policy, options, "staging.json")];
    return runInProcess(folder.file("."), ["policy", "--parity", ...files, ...more]);
  };

  test("holds where only what is allowed differs", async () => {
    const options = { name: "staging", signInUrl: "/sign-in" };
    expect((await parity({}, options, "--allow", "name,signInUrl")).code).toBe(0);
    const { code, text } = await parity({}, options, "--allow", "name");
    expect(code).toBe(4);
    expect(text).toMatch(/^signInUrl: "\/login" in .*prod\.json, "\/sign-in" in .*staging\.json$/);
  });

  test("tells of a time that differs, and of words alone as the policy", async () => {
    expect((await parity({ idle: "14m" }, {})).text).toContain("idle: 15m");
    const words = await parity({ name: "staging" }, {});
    expect([words.code, words.text]).toEqual([4, expect.stringMatching(/^policy: /)]);
    expect((await parity({ name: "staging" }, {}, "--allow", "policy")).code).toBe(0);
  });
});

function pickedFrom({ freshPeriod, requiredRoles }: ReturnType<typeof resolveRoute>) {
  return { freshPeriod, requiredRoles };
}
