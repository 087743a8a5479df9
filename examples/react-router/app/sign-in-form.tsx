import { Form } from "react-router";

export function SignInForm({ back }: { readonly back: string }) {
  return (
    <Form method="post" action="/login">
      <h1>Sign in</h1>
      <input type="hidden" name="return" value={back} />
      <label>
        Name <input name="name" />
      </label>
      <label>
        Password <input type="password" name="password" />
      </label>
      <button type="submit">Sign in</button>
    </Form>
  );
}
