/** OCSF, ECS and CEF of every type of record, held to what the schemas' publishers say. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { toCef, toEcs, toOcsf } from "../../src/server/audit/sinks/index.js";
import { MEANINGS } from "../../src/server/audit/sinks/meaning.js";

const read = (name: string) => JSON.parse(readFileSync(new URL(`support/${name}`, import.meta.url), "utf8"));

interface Attribute {
  readonly type?: string;
  readonly object?: string;
  readonly array?: boolean;
  readonly enum?: readonly unknown[];
}
interface Entity {
  readonly required: readonly string[];
  readonly atLeastOne: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}
const OCSF: {
  readonly release: string;
  readonly classes: Readonly<Record<string, Entity & { readonly category: number }>>;
  readonly objects: Readonly<Record<string, Entity>>;
} = read("ocsf.json");
const ECS: {
  readonly fields: Readonly<
    Record<string, { readonly type: string; readonly array?: boolean; readonly allowed?: readonly string[] }>
  >;
} = read("ecs.json");

const RECORDS: readonly AuditRecord[] = Object.keys(MEANINGS).flatMap((type) => {
  const base = {
    v: 1,
    seq: 7,
    at: "2026-01-31T10:00:00.000Z",
    type,
    app: "portal|a=b",
    policy: "fp",
  } as AuditRecord;
  const whose = { sid: "s1", subject: "u-hash", actor: "app", note: "why \\ | =\nnot", code: "stale-nonce" };
  const ended = { reason: "idle", startedAt: base.at, expiresAt: base.at, endedAt: base.at } as const;
  return [
    base,
    { ...base, ...whose, count: 3, method: "POST", path: "/pay" },
    { ...base, ...whose, ...ended },
  ];
});

/** What is wrong with an object of OCSF, in sentences. */
function ocsfFaults(
  entity: Entity | undefined,
  value: Readonly<Record<string, unknown>>,
  at: string,
): readonly string[] {
  if (entity === undefined) return [`${at} is of no known kind`];
  const missing = entity.required
    .filter((name) => value[name] === undefined)
    .map((name) => `${at} lacks ${name}`);
  const one = entity.atLeastOne;
  const none =
    one.length > 0 && !one.some((name) => value[name] !== undefined)
      ? [`${at} has none of ${one.join()}`]
      : [];
  const wrong = Object.entries(value).flatMap(([name, member]) => {
    const attribute = entity.attributes[name];
    const where = `${at}.${name}`;
    if (attribute === undefined) return [`${where} is no attribute`];
    if (attribute.object !== undefined && OCSF.objects[attribute.object] !== undefined)
      return ocsfFaults(OCSF.objects[attribute.object], Object(member), where);
    if (attribute.enum !== undefined && !attribute.enum.includes(member)) return [`${where} is ${member}`];
    const is = attribute.type?.replace(/_t$/, "") ?? "";
    if (["integer", "long", "timestamp"].includes(is))
      return Number.isSafeInteger(member) ? [] : [`${where} is no number`];
    if (["string", "username", "url"].includes(is))
      return typeof member === "string" ? [] : [`${where} is no text`];
    return [];
  });
  return [...missing, ...none, ...wrong];
}

test("every record is an event of OCSF 1.8, of the class that it names", () => {
  expect(OCSF.release).toBe("1.8.0");
  for (const record of RECORDS) {
    const event = toOcsf(record);
    const kind = OCSF.classes[String(event.class_uid)];
    expect([record.type, ocsfFaults(kind, event, "event")]).toEqual([record.type, []]);
    expect(event.category_uid).toBe(kind?.category);
    expect(event.type_uid).toBe(Number(event.class_uid) * 100 + Number(event.activity_id));
    expect(Object(event.metadata).version).toBe(OCSF.release);
  }
  expect(
    toOcsf(RECORDS.find(({ type, reason }) => type === "session_expired" && reason) as AuditRecord),
  ).toMatchObject({
    class_uid: 3002,
    activity_id: 2,
    session: {
      uid: "s1",
      expiration_reason: "idle",
      expiration_time: Date.parse("2026-01-31T10:00:00.000Z"),
    },
  });
});

test.each([
  ["a missing class's attribute", { user: undefined }],
  ["an attribute that there is not", { users: 1 }],
  ["a value out of the list", { severity_id: 9 }],
  ["a text for a time", { time: "now" }],
])("the check of OCSF sees %s", (_what, change) => {
  const event = { ...toOcsf(RECORDS.find(({ sid }) => sid !== undefined) as AuditRecord), ...change };
  expect(ocsfFaults(OCSF.classes["3002"], event, "event")).toHaveLength(1);
});

function flat(value: unknown, path = ""): readonly (readonly [string, unknown])[] {
  return Object.entries(Object(value)).flatMap(([name, member]) => {
    const at = path === "" ? name : `${path}.${name}`;
    return typeof member === "object" && member !== null && !Array.isArray(member)
      ? flat(member, at)
      : [[at, member] as const];
  });
}

test("every record is a document of ECS: its fields are published, and so are their values", () => {
  for (const record of RECORDS) {
    const { curfew, ...fields } = toEcs(record);
    expect(curfew).toBe(record);
    for (const [name, value] of flat(fields)) {
      const field = ECS.fields[name];
      expect([name, field === undefined]).toEqual([name, false]);
      expect([name, Array.isArray(value)]).toEqual([name, field?.array === true]);
      for (const one of [value].flat()) {
        if (field?.allowed !== undefined) expect(field.allowed).toContain(one);
        if (field?.type === "long") expect(Number.isSafeInteger(one)).toBe(true);
        else expect(typeof one).toBe("string");
      }
    }
    const category: readonly string[] = Object(fields.event).category;
    const allowed: Readonly<Record<string, readonly string[]>> = Object(
      ECS.fields["event.category"],
    ).eventTypes;
    for (const type of Object(fields.event).type)
      for (const one of category) expect(allowed[one]).toContain(type);
  }
});

/** The keys of CEF's dictionary that are used, with the type of each. */
const CEF_KEYS: Readonly<Record<string, RegExp>> = {
  rt: /^\d{13}$/,
  cat: /^\w+$/,
  destinationServiceName: /./,
  externalId: /./,
  suid: /./,
  suser: /./,
  outcome: /^(?:success|failure)$/,
  reason: /./,
  cnt: /^\d+$/,
  cs1Label: /^policy$/,
  cs1: /./,
  cn1Label: /^seq$/,
  cn1: /^\d+$/,
  msg: /^\{/,
};

/** A line as a receiver reads it: seven pipes of the header that nothing escapes, then pairs. */
function parseCef(line: string) {
  const parts = line.split(/(?<!\\)(?:\\\\)*\|/);
  const header = parts.slice(0, 7);
  const extension = parts.slice(7).join("|");
  const pairs = [...extension.matchAll(/(?:^| )(\w+)=((?:\\.|[^=\\])*)(?= \w+=|$)/gs)];
  return {
    header,
    pairs: new Map(
      pairs.map(([, key = "", value = ""]) => [
        key,
        value.replace(/\\(.)/gs, (_all, one) => (one === "n" ? "\n" : one)),
      ]),
    ),
  };
}

test("every record is one line of CEF, whose keys are of its dictionary and whose values come back whole", () => {
  for (const record of RECORDS) {
    const line = toCef(record);
    expect(line).not.toMatch(/[\r\n]/);
    const { header, pairs } = parseCef(line);
    expect([header[0], header.length]).toEqual(["CEF:0", 7]);
    expect(Number(header[6])).toBeGreaterThanOrEqual(0);
    expect(Number(header[6])).toBeLessThanOrEqual(10);
    for (const [key, value] of pairs) expect(value).toMatch(CEF_KEYS[key] ?? /^$/);
    expect(JSON.parse(pairs.get("msg") ?? "")).toEqual(record);
    expect(pairs.get("destinationServiceName")).toBe("portal|a=b");
  }
});
