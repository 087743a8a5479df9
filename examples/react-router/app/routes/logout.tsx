import { redirect } from "react-router";
import { sessions } from "../curfew.server";
import type { Route } from "./+types/logout";

export const action = async ({ request }: Route.ActionArgs) =>
  redirect("/login", { headers: await sessions.signOut(request) });

// The router looks at the origin of what is sent to a page; a route without a component is none.
export default () => null;
