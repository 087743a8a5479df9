import { wayBack } from "$lib/way-back";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = ({ url }) => ({ back: wayBack(url.searchParams.get("return")) });
