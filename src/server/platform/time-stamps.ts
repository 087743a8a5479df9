/** Time-stamps (RFC 3161) by the package `pkijs`: what is asked, and what an answer is worth. */
import { createHash, X509Certificate } from "node:crypto";
import type * as Pki from "pkijs";
import { areEqual } from "../../evidence/bytes.js";
import { ConfigurationError, messageOf } from "./errors.js";
import { nodeTools } from "./log-tools.js";
import { requireOptional } from "./optional.js";
import { randomText } from "./secrets.js";

/** What an authority is asked, and what its answer must carry. */
interface StampQuestion {
  /** `TimeStampReq`, DER. */
  readonly question: Uint8Array<ArrayBuffer>;
  readonly nonce: Uint8Array;
}

interface TimeStamp {
  /** When the authority says that it was there, in milliseconds since the epoch. */
  readonly stampedAt: number;
  /** Whether the authority's certificate leads to one of the roots. */
  readonly isTrusted: boolean;
}

/** The certificates of the authorities that are believed, DER. */
export type Roots = readonly Uint8Array[];

export interface TimeStamps {
  /** @param data what is to be stamped: its SHA-256 is asked for */
  ask(data: Uint8Array): Promise<StampQuestion>;
  /**
   * @param answer `TimeStampResp`, DER
   * @param nonce what the answer must carry; null: any
   * @throws Error that says why it is no time-stamp of these bytes
   */
  read(answer: Uint8Array, data: Uint8Array, nonce: Uint8Array | null, roots: Roots): Promise<TimeStamp>;
  /** @param pem one certificate or several @throws Error where it is none */
  roots(pem: string): Roots;
}

const NONCE_LENGTH = 16;
const SHA256 = "2.16.840.1.101.3.4.2.1";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
/** RFC 5035 and RFC 2634: which certificate the authority has signed with, by its hash. */
const SIGNING_CERTIFICATES: readonly string[] = ["1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.12"];
const HASHES = ["sha1", "sha256", "sha384", "sha512"] as const;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** RFC 3161, 2.4.2. */
const GRANTED = [0, 1];

/** @param who for the message, such as `signedLog` @throws ConfigurationError where `pkijs` is not installed */
export function loadTimeStamps(who: string): TimeStamps {
  const pki = load(who);
  return {
    ask: (data) => ask(pki, data),
    async read(answer, data, nonce, roots) {
      const { signed, info } = parsed(pki, answer);
      if (nonce !== null && !areEqual(info.nonce?.valueBlock.valueHexView ?? new Uint8Array(), nonce))
        throw new Error("it carries another nonce: it is an old answer, such as a cache gives");
      if (info.messageImprint.hashAlgorithm.algorithmId !== SHA256) throw new Error("it is not over SHA-256");
      const { valueHexView: imprint } = info.messageImprint.hashedMessage.valueBlock;
      if (!areEqual(imprint, nodeTools.sha256(data))) throw new Error("it is of other bytes");
      await requireSignature(signed, data);
      const stampedAt = info.genTime.getTime();
      const trusted = roots.map((der) => pki.Certificate.fromBER(bufferOf(der)));
      return { stampedAt, isTrusted: await leadsTo(signed, data, info.genTime, trusted) };
    },
    roots(pem) {
      const found = pem.match(PEM) ?? [];
      if (found.length === 0) throw new Error("no certificate stands in it (PEM)");
      return found.map((one) => new X509Certificate(one).raw);
    },
  };
}

function load(who: string): typeof Pki {
  try {
    const pki = requireOptional("pkijs") as typeof Pki;
    if (typeof pki.TimeStampReq?.fromBER !== "function") throw new Error("it is older than version 3");
    return pki;
  } catch (error) {
    throw new ConfigurationError(
      `${who} needs the package pkijs, version 3 or later, for time-stamps (npm install pkijs@latest): ${messageOf(error)}`,
    );
  }
}

async function ask(pki: typeof Pki, data: Uint8Array): Promise<StampQuestion> {
  const nonce = new Uint8Array(Buffer.from(randomText(NONCE_LENGTH), "base64url"));
  // A whole number above zero, whose DER begins with no zero.
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  const number = pki.TimeStampReq.defaultValues("nonce");
  number.valueBlock.valueHexView = nonce;
  const asked = new pki.TimeStampReq({
    version: 1,
    messageImprint: await pki.MessageImprint.create("SHA-256", bufferOf(data)),
    nonce: number,
    certReq: true,
  });
  return { question: new Uint8Array(asked.toSchema().toBER()), nonce };
}

interface ReadAnswer {
  readonly signed: Pki.SignedData;
  readonly info: Pki.TSTInfo;
}

function parsed(pki: typeof Pki, answer: Uint8Array): ReadAnswer {
  const { status, timeStampToken } = wellFormed(() => pki.TimeStampResp.fromBER(bufferOf(answer)));
  if (!GRANTED.includes(status.status) || timeStampToken === undefined)
    throw new Error(`the authority refuses, with the status ${status.status}`);
  return wellFormed(() => {
    const signed = new pki.SignedData({ schema: timeStampToken.content });
    const content = signed.encapContentInfo.eContent?.getValue();
    return { signed, info: pki.TSTInfo.fromBER(content ?? new ArrayBuffer(0)) };
  });
}

function wellFormed<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error("it is no answer of a time-stamping authority (RFC 3161)");
  }
}

/** By the certificate that it carries itself, which must be one for time-stamps and nothing else. */
async function requireSignature(signed: Pki.SignedData, data: Uint8Array): Promise<void> {
  const verdict = await signed
    .verify({ signer: 0, data: bufferOf(data), extendedMode: true })
    .catch((error: unknown) => {
      throw new Error(`its signature does not verify: ${messageOf(error)}`);
    });
  const { signatureVerified, signerCertificate } = verdict;
  if (signatureVerified !== true) throw new Error("its signature does not verify");
  if (!signerCertificate || !isForTimeStamps(signerCertificate))
    throw new Error("it is signed by a certificate that is not for time-stamps");
  if (!namesCertificate(signed, signerCertificate))
    throw new Error("it names another certificate than the one it carries");
}

function isForTimeStamps({ extensions = [] }: Pki.Certificate): boolean {
  const usage = extensions.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  const purposes: unknown = Object(usage?.parsedValue).keyPurposes;
  return usage?.critical === true && Array.isArray(purposes) && purposes.join() === TIME_STAMPING;
}

function namesCertificate({ signerInfos }: Pki.SignedData, certificate: Pki.Certificate): boolean {
  const named = signerInfos[0]?.signedAttrs?.attributes.find(({ type }) =>
    SIGNING_CERTIFICATES.includes(type),
  );
  if (named === undefined) return false;
  const value = Buffer.from(named.toSchema().toBER());
  const der = new Uint8Array(certificate.toSchema(true).toBER());
  return HASHES.some((name) => value.includes(createHash(name).update(der).digest()));
}

/** Whether the certificate was a good one at that time, by these roots. */
async function leadsTo(
  signed: Pki.SignedData,
  data: Uint8Array,
  checkDate: Date,
  trustedCerts: Pki.Certificate[],
): Promise<boolean> {
  if (trustedCerts.length === 0) return false;
  const chain = { checkChain: true, trustedCerts, checkDate };
  const verdict = await signed
    .verify({ signer: 0, data: bufferOf(data), extendedMode: true, ...chain })
    .catch(() => null);
  return verdict?.signerCertificateVerified === true;
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
