/** Policies to begin with, each with its source. A number that no source names is a choice, and says so. */
import type { StandardId } from "./policy.types.js";

export interface Preset {
  /** Where the numbers come from, and which of them are a choice. */
  readonly source: string;
  /** True: the standard named by the source gives the numbers, or a bound for them. False: a firm's own policy. */
  readonly quoted: boolean;
  readonly policy: { readonly idle: string; readonly absolute: string; readonly warning?: string };
  /** What the policy is then held to. */
  readonly standards: readonly StandardId[];
}

const FIRM = "A firm's own policy, not a quotation.";

export const presets: Readonly<Record<string, Preset>> = {
  "pci-dss-8.2.8": {
    source:
      "PCI DSS v4, requirement 8.2.8: reauthentication after more than 15 minutes of inactivity. The requirement names no overall limit; 12 hours are a choice.",
    quoted: true,
    policy: { idle: "15m", absolute: "12h" },
    standards: ["pci-dss-8.2.8"],
  },
  "nist-aal2": {
    source:
      "NIST SP 800-63B-4, section 2.2.3 (AAL2): overall at most 24 hours, inactivity at most 1 hour (both SHOULD).",
    quoted: true,
    policy: { idle: "1h", absolute: "24h" },
    standards: ["nist-aal2"],
  },
  "nist-aal2-rev3": {
    source:
      "NIST SP 800-63B (revision 3), section 4.2.3 (AAL2): reauthentication every 12 hours, and after 30 minutes of inactivity. Revision 4 has replaced it; FedRAMP's IA-11 still cites it.",
    quoted: true,
    policy: { idle: "30m", absolute: "12h" },
    standards: ["nist-aal2"],
  },
  "nist-aal3": {
    source:
      "NIST SP 800-63B-4, section 2.3.3 (AAL3): overall at most 12 hours (SHALL), inactivity at most 15 minutes (SHOULD).",
    quoted: true,
    policy: { idle: "15m", absolute: "12h" },
    standards: ["nist-aal3"],
  },
  psd2: {
    source:
      "RTS (EU) 2018/389, Article 4(3)(d): at most 5 minutes without activity by the payer. The article names no overall limit; 8 hours are a choice.",
    quoted: true,
    policy: { idle: "5m", absolute: "8h" },
    standards: ["psd2"],
  },
  hipaa: {
    source:
      "45 CFR 164.312(a)(2)(iii): the end of a session after a predetermined time of inactivity. The clause names no time; 15 minutes and 12 hours are a choice.",
    quoted: false,
    policy: { idle: "15m", absolute: "12h" },
    standards: ["hipaa"],
  },
  "owasp-high-value": {
    source:
      "OWASP Session Management Cheat Sheet: idle timeout of 2 to 5 minutes for applications of high value, absolute timeout of 4 to 8 hours for a day at the office.",
    quoted: true,
    policy: { idle: "5m", absolute: "8h" },
    standards: ["owasp-high-value"],
  },
  "firm-broker": {
    source: `${FIRM} FINRA's rules (3110 among them) ask for supervision and name no timeout.`,
    quoted: false,
    policy: { idle: "15m", absolute: "12h" },
    standards: [],
  },
  "firm-privacy": {
    source: `${FIRM} The GDPR asks for appropriate security (Article 32) and names no timeout.`,
    quoted: false,
    policy: { idle: "15m", absolute: "12h" },
    standards: [],
  },
};

/** The preset of that name; null where there is none. */
export function presetOf(name: unknown): Preset | null {
  return typeof name === "string" && Object.hasOwn(presets, name) ? (presets[name] ?? null) : null;
}
