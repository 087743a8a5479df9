import { Form, Link } from "react-router";
import { signedIn } from "../curfew.server";
import type { Route } from "./+types/notes";

const notes: string[] = [];

export const loader = ({ context }: Route.LoaderArgs) => ({ notes, name: context.get(signedIn).subject });

export async function action({ request }: Route.ActionArgs) {
  notes.push(String((await request.formData()).get("note")));
  return null;
}

export default function Notes({ loaderData }: Route.ComponentProps) {
  return (
    <>
      <h1>Notes of {loaderData.name}</h1>
      <ul>
        {loaderData.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <Form method="post">
        <label>
          Note <input name="note" />
        </label>
        <button type="submit">Save</button>
      </Form>
      <Link to="/about">About</Link>
      <Form method="post" action="/logout">
        <button type="submit">Sign out</button>
      </Form>
    </>
  );
}
