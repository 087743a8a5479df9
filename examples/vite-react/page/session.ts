/** Where the API is, and the one session client of the page with its warning. */
import { createSessionClient } from "curfew";
import { attachWarning } from "curfew/warning";

export const API: string = import.meta.env.VITE_API ?? "http://127.0.0.1:3001";

export const session = createSessionClient({ base: `${API}/curfew` });
attachWarning(session);
