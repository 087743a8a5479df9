/** The rules of the watch, one a row (docs/alerts.md). */
import type { WatchRuleName } from "../policy/watch.types.js";
import type { WatchRule } from "./rule.js";
import { clock } from "./rules/clock.js";
import { expiredEnMasse } from "./rules/expired-en-masse.js";
import { forged } from "./rules/forged.js";
import { gap } from "./rules/gap.js";
import { idpSilent } from "./rules/idp-silent.js";
import { keepsExpiring } from "./rules/keeps-expiring.js";
import { machineLike } from "./rules/machine-like.js";
import { neverBound } from "./rules/never-bound.js";
import { policyDrift } from "./rules/policy-drift.js";
import { revokedEnMasse } from "./rules/revoked-en-masse.js";
import { sitsIdle } from "./rules/sits-idle.js";
import { twoPlaces } from "./rules/two-places.js";
import { usedAfterEnd } from "./rules/used-after-end.js";

export const RULES: Readonly<Record<WatchRuleName, WatchRule>> = {
  "used-after-end": usedAfterEnd,
  "keeps-expiring": keepsExpiring,
  "sits-idle": sitsIdle,
  "machine-like": machineLike,
  "two-places": twoPlaces,
  "never-bound": neverBound,
  "revoked-en-masse": revokedEnMasse,
  "expired-en-masse": expiredEnMasse,
  forged,
  clock,
  gap,
  "policy-drift": policyDrift,
  "idp-silent": idpSilent,
};
