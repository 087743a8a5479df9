/** Every catalogue: for the build, which writes them as JSON, and for the server, which picks one by a request's language. */
import type { Locale } from "../words/locale.js";
import { ar } from "./ar.js";
import { cy } from "./cy.js";
import { de } from "./de.js";
import { en } from "./en.js";
import { es } from "./es.js";
import { fr } from "./fr.js";
import { he } from "./he.js";
import { hi } from "./hi.js";
import { it } from "./it.js";
import { ja } from "./ja.js";
import { ko } from "./ko.js";
import { nl } from "./nl.js";
import { pl } from "./pl.js";
import { ptBR } from "./pt-br.js";
import { tr } from "./tr.js";
import { uk } from "./uk.js";
import { vi } from "./vi.js";
import { zhHans } from "./zh-hans.js";
import { zhHant } from "./zh-hant.js";

export const LOCALES: readonly Locale[] = [
  en,
  fr,
  de,
  es,
  ptBR,
  it,
  nl,
  pl,
  uk,
  tr,
  ar,
  he,
  hi,
  zhHans,
  zhHant,
  ja,
  ko,
  vi,
  cy,
];
