import { redirect } from "react-router";
import { sessions } from "../curfew.server";
import { SignInForm } from "../sign-in-form";
import { wayBack } from "../way-back";
import type { Route } from "./+types/login";

export const loader = ({ request }: Route.LoaderArgs) => ({
  back: wayBack(new URL(request.url).searchParams.get("return")),
});

export async function action({ request }: Route.ActionArgs) {
  const { name, password, return: back } = Object.fromEntries(await request.formData());
  // Yours: look the person up, compare a hash, slow guessing down.
  if (typeof name !== "string" || name === "" || password !== "demo")
    throw new Response(null, { status: 403 });
  const { headers } = await sessions.start(request, { subject: name });
  return redirect(wayBack(back), { headers });
}

export default function SignIn({ loaderData: { back } }: Route.ComponentProps) {
  return <SignInForm back={back} />;
}
