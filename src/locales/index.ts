/** `curfew/locales`: the words in each language, to bundle those that an app needs. */

export type { Locale } from "../words/locale.js";
export { ar } from "./ar.js";
export { cy } from "./cy.js";
export { de } from "./de.js";
export { en } from "./en.js";
export { es } from "./es.js";
export { fr } from "./fr.js";
export { he } from "./he.js";
export { hi } from "./hi.js";
export { it } from "./it.js";
export { ja } from "./ja.js";
export { ko } from "./ko.js";
export { nl } from "./nl.js";
export { pl } from "./pl.js";
export { ptBR } from "./pt-br.js";
export { tr } from "./tr.js";
export { uk } from "./uk.js";
export { vi } from "./vi.js";
export { zhHans } from "./zh-hans.js";
export { zhHant } from "./zh-hant.js";
