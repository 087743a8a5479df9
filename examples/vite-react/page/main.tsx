/** The page: signing in, and a list that asks the API every two seconds, which extends nothing. Start reading here. */
import { useSession } from "curfew/react";
import { createRoot } from "react-dom/client";
import { Deliveries } from "./deliveries.js";
import { session } from "./session.js";
import { SignIn } from "./sign-in.js";

function App() {
  const { status } = useSession(session);
  if (status === "connecting") return <p>One moment…</p>;
  if (status === "absent") return <SignIn />;
  // The list stays when the session has ended: the warning covers it, and it goes on when the same person signs in again.
  return (
    <>
      <Deliveries live={status !== "ended"} />
      <button type="button" onClick={() => void session.end()}>
        Sign out
      </button>
    </>
  );
}

const root = document.querySelector("#app");
if (root !== null) createRoot(root).render(<App />);
