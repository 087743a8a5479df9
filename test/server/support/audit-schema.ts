/** Holds every record that a test's verifier makes against the schema that is shipped. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";

export interface AuditSchema {
  readonly $schema: string;
  readonly oneOf: readonly {
    readonly title: string;
    readonly properties: Readonly<Record<string, unknown>>;
    readonly required: readonly string[];
  }[];
}

export const auditSchema: AuditSchema = JSON.parse(
  readFileSync(new URL("../../../docs/audit.schema.json", import.meta.url), "utf8"),
);

const { definitions }: { readonly definitions?: object } = Object(auditSchema);
const ajv = new Ajv({ strict: true, allErrors: true });
const ofType = new Map(
  auditSchema.oneOf.map((schema) => [schema.title, ajv.compile({ ...schema, definitions })] as const),
);

/** What is wrong with a record, in one sentence; null where it holds. */
export function auditFault(record: object): string | null {
  const { type }: { readonly type?: unknown } = record;
  const holds = ofType.get(String(type));
  if (holds === undefined) return `no type of the schema is ${JSON.stringify(type)}`;
  return holds(record) ? null : `${JSON.stringify(record)}: ${ajv.errorsText(holds.errors)}`;
}

/** Fails the run where a record does not hold: the verifier itself only logs what a listener throws. */
export function holdRecord(record: object): void {
  const fault = auditFault(record);
  if (fault !== null)
    void Promise.reject(new Error(`docs/audit.schema.json does not hold a record: ${fault}`));
}
