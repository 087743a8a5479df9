/** Signing in by `fetch`; the cookie comes from the API's origin. */
import { type SubmitEvent, useState } from "react";
import { signIn } from "./call-api.js";

export function SignIn() {
  const [mistake, setMistake] = useState("");
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const signedIn = await signIn(String(fields.get("name")), String(fields.get("password")));
    if (!signedIn) setMistake("Name and password do not match.");
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <h1>Sign in</h1>
      <p role="alert">{mistake}</p>
      <label>
        Name
        <input name="name" autoComplete="username" maxLength={100} required />
      </label>
      <label>
        Password (it is “demo”)
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
    </form>
  );
}
