/** One session's proof: shown, downloaded, brought back, and checked in the reader's browser. */
import { readVerifierKey, type SessionProofVerdict, verifySessionProof } from "curfew/evidence";
import type { AuditRecord } from "curfew/server";
import { part, writeVerdict } from "./part.js";
import { clockTime, lineOf } from "./words.js";

interface Proofs {
  /** The sessions of these records can be proven. @param records oldest first */
  offer(records: readonly AuditRecord[]): void;
  /** The log's key, unless the reader has written another. */
  trust(vkey: string): void;
}

export function offerProofs(): Proofs {
  const form = part("proof-form", HTMLFormElement);
  const sessions = part("proof-sid", HTMLSelectElement);
  const text = part("proof-text", HTMLTextAreaElement);
  const key = part("proof-key", HTMLInputElement);
  const file = part("proof-file", HTMLInputElement);
  const download = part("proof-download", HTMLAnchorElement);

  async function show(): Promise<void> {
    const address = `/audit/proof?sid=${encodeURIComponent(sessions.value)}`;
    const response = await fetch(address);
    if (!response.ok) throw new Error(`the server gave none (${response.status})`);
    text.value = await response.text();
    download.href = address;
    download.hidden = false;
    writeVerdict("proof-verdict", "open", "Here it is. Nobody has checked it yet.");
  }

  async function check(): Promise<void> {
    const trust = { keys: [readVerifierKey(key.value)], witnesses: [] };
    writeVerdict("proof-verdict", ...toldOf(await verifySessionProof(text.value, trust)));
  }

  const attempt = (work: () => Promise<void>) =>
    void work().catch((error: unknown) =>
      writeVerdict("proof-verdict", "bad", error instanceof Error ? error.message : "This did not work."),
    );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isShow = event.submitter instanceof HTMLButtonElement && event.submitter.name === "show";
    attempt(isShow ? show : check);
  });
  file.addEventListener("change", () =>
    attempt(async () => {
      text.value = (await file.files?.[0]?.text()) ?? "";
      await check();
    }),
  );
  return {
    offer(records) {
      const newest = new Map<string, AuditRecord>();
      for (const record of records) if (record.sid !== undefined) newest.set(record.sid, record);
      const known = [...sessions.options].map(({ value }) => value);
      const sids = [...newest.keys()].reverse();
      if (known.join() === sids.join()) return;
      const chosen = sessions.value;
      sessions.replaceChildren(...[...newest.values()].reverse().map(optionOf));
      if (newest.has(chosen)) sessions.value = chosen;
    },
    trust(vkey) {
      if (key.value === "") key.value = vkey;
    },
  };
}

function optionOf(record: AuditRecord): HTMLOptionElement {
  const { time, session, words } = lineOf(record);
  return new Option(`${session}, ${time}: ${words}`, record.sid);
}

/** What kind of verdict it is, and what it says. */
function toldOf(verdict: SessionProofVerdict): readonly ["good" | "bad", string] {
  if (verdict.status !== "proven") return ["bad", `Refused: ${verdict.message}.`];
  const { seqs, replay } = verdict;
  const records = `${seqs.length === 1 ? "1 record is" : `${seqs.length} records are`} in the log as signed`;
  const { end, fault, steps, lost } = replay;
  if (fault !== null) return ["bad", `${records}, and do not replay: ${fault.message}.`];
  if (end === null) return ["good", `Proven: ${records}. The session has not ended yet.`];
  const signed = steps.filter(({ isSigned }) => isSigned).length;
  return [
    "good",
    `Proven: ${records}. The session ended at ${clockTime(end.endedAt)} (${end.reason}), as its policy says; the browser signed ${signed} of its ${steps.length} changes.${lost.length === 0 ? "" : " The record of a change was lost in a crash."}`,
  ];
}
