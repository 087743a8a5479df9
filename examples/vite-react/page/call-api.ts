/** Calls to the API, with the cookie: the page's only `fetch`. */
import { API, session } from "./session.js";

export interface Delivery {
  readonly id: number;
  readonly where: string;
  readonly status: string;
}

export async function signIn(name: string, password: string): Promise<boolean> {
  const body = JSON.stringify({ name, password });
  const response = await callApi("/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  if (response.ok) await session.refresh(); // the client meets the new session
  return response.ok;
}

/** Null where the API refuses. */
export async function deliveries(): Promise<readonly Delivery[] | null> {
  const response = await callApi("/deliveries");
  return response.ok ? ((await response.json()) as readonly Delivery[]) : null;
}

async function callApi(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(API + path, { ...init, credentials: "include" });
  if (!response.ok) await session.read(response); // if Curfew has refused, the client asks what has become of the session
  return response;
}
