/** Where people sign in. */
export default function LoginPage() {
  return (
    <main>
      <h1>Sign in</h1>
      <form method="post" action="/sign-in">
        <label>
          Name <input name="name" autoComplete="username" />
        </label>
        <label>
          Password <input name="password" type="password" autoComplete="current-password" />
        </label>
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
