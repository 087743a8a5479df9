/** The policy as an OSCAL component definition (NIST, OSCAL 1.0.4): which controls of SP 800-53 it implements, and with which numbers. */
import { createHash } from "node:crypto";
import { packageVersion } from "../../server/platform/version.js";
import { writeDuration as text } from "../../server/policy/durations.js";
import { policyDocument } from "../../server/policy/policy.js";
import type { Policy } from "../../server/policy/policy.types.js";
import type { PolicyChange } from "./history.js";

const OSCAL_VERSION = "1.0.4";
/** The catalog whose controls are meant. */
const CATALOG =
  "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json";
/** Ours; each uuid is a name in it (RFC 9562, version 5). */
const NAMESPACE = "b3c1d0a2-6f0e-4c55-9a53-2f1d8c7e4b60";
/** For `last-modified` where no approval and no trail names an instant: the document has no date of its own. */
const NO_INSTANT = "1970-01-01T00:00:00Z";

/** Each control of SP 800-53 rev. 5, and what the policy does for it, in our words. */
const CONTROLS: Readonly<Record<string, (policy: Policy) => string>> = {
  "ac-2.5": ({ absoluteTimeout }) =>
    `Whoever leaves is signed out: by the person, by the app (end, endAll), and ${text(absoluteTimeout)} after the authentication at the latest.`,
  "ac-11": ({ idleTimeout, warningPeriod }) =>
    `The page is covered when the session ends, after ${text(idleTimeout)} without activity; the person is told ${text(warningPeriod)} before.`,
  "ac-12": ({ idleTimeout, absoluteTimeout }) =>
    `The server ends a session after ${text(idleTimeout)} without activity and ${text(absoluteTimeout)} after the authentication, to the millisecond, on every node.`,
  "ac-12.1": () =>
    "The person can sign out on every page that shows the control, and the page says that and why the session has ended.",
  "ia-11": ({ rules }) => {
    const fresh = rules.map(({ freshPeriod }) => freshPeriod).filter((period) => period !== null);
    return fresh.length === 0
      ? "Reauthentication is asked for after each end; no route asks for it earlier."
      : `Reauthentication is asked for after each end, and on routes whose rule says so: an authentication of at most ${text(Math.min(...fresh))} to ${text(Math.max(...fresh))} ago.`;
  },
  "sc-23": ({ bindPeriod }) =>
    `Each session has 256 random bits in a host-only cookie and a key that the browser binds within ${text(bindPeriod)}; only what that key signs extends it.`,
  "au-2": () =>
    "Sign-in, binding, activity, step-up, every end with its reason and every refusal are audited.",
  "au-3": () =>
    "Each record says what happened, when, to which session, of which pseudonymous person, by whom, from where as a keyed hash, and under which policy.",
  "au-9": () =>
    "With signedLog the trail is a Merkle tree with signed checkpoints, and others can witness it.",
  "au-10": () => "Bindings and heartbeats stand in the trail with the browser's own signatures.",
  "au-12": () => "Each node writes the records of what it decides, before or as it answers.",
};

export function policyAsOscal(policy: Policy, history: readonly PolicyChange[] | null): string {
  const { name, fingerprint, owner, approvals = [], reviewBy } = policy;
  const content = JSON.stringify([
    policyDocument(policy),
    owner,
    approvals,
    reviewBy,
    history,
    packageVersion(),
  ]);
  const uuid = (what: string) => uuidOf(`${fingerprint} ${what}`);
  const parties =
    owner === undefined ? [] : [{ uuid: uuid(`party ${owner}`), type: "organization", name: owner }];
  const definition = {
    uuid: uuid(`definition ${content}`),
    metadata: {
      title: `Session policy ${JSON.stringify(name)}`,
      "last-modified": lastModified(policy, history),
      version: fingerprint,
      "oscal-version": OSCAL_VERSION,
      ...(parties.length === 0
        ? {}
        : {
            roles: [{ id: "owner", title: "Owner of the policy" }],
            parties,
            "responsible-parties": [
              { "role-id": "owner", "party-uuids": parties.map((party) => party.uuid) },
            ],
          }),
      remarks: remarksOf(policy).join("\n"),
    },
    components: [
      {
        uuid: uuid("component"),
        type: "software",
        title: `Curfew ${packageVersion()}, policy ${JSON.stringify(name)}`,
        description: "Ends web sessions by a person's activity; the server decides.",
        "control-implementations": [
          {
            uuid: uuid("implementation"),
            source: CATALOG,
            description: "What the policy does for session control and its evidence.",
            "implemented-requirements": Object.entries(CONTROLS).map(([id, describe]) => ({
              uuid: uuid(`requirement ${id}`),
              "control-id": id,
              description: describe(policy),
            })),
          },
        ],
      },
    ],
  };
  return `${JSON.stringify({ "component-definition": definition }, null, 2)}\n`;
}

function remarksOf({ fingerprint, approvals = [], reviewBy }: Policy): readonly string[] {
  return [
    `The version is the policy's fingerprint, SHA-256 of its canonical JSON: ${fingerprint}.`,
    ...approvals.map(
      ({ by, on, note }) => `Approved by ${by} on ${on}${note === undefined ? "" : `: ${note}`}.`,
    ),
    ...(reviewBy === undefined ? [] : [`To be reviewed by ${reviewBy}.`]),
  ];
}

/** The newest instant that the document itself names. */
function lastModified({ approvals = [] }: Policy, history: readonly PolicyChange[] | null): string {
  const named = [...approvals.map(({ on }) => `${on}T00:00:00Z`), ...(history ?? []).map(({ at }) => at)];
  return named.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? NO_INSTANT;
}

/** A name's uuid, version 5 (RFC 9562, 5.5). */
function uuidOf(name: string): string {
  const space = Buffer.from(NAMESPACE.replaceAll("-", ""), "hex");
  const bytes = createHash("sha1").update(space).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
