import { signedIn } from "../curfew.server";
import type { Route } from "./+types/about";

export const loader = ({ context }: Route.LoaderArgs) => ({ name: context.get(signedIn).subject });

export default function About({ loaderData }: Route.ComponentProps) {
  return <h1>About {loaderData.name}</h1>;
}
