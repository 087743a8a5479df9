/** How to test a component in every state of a session: the real client, moved by the test, without a server. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { createTestSession, type TestSession, type TestSessionOptions } from "curfew/testing";
import { afterEach, expect, test, vi } from "vitest";
import { forgetAnswers } from "../src/forget-answers.js";
import { NotesPage } from "../src/notes-page.js";

afterEach(cleanup);

function show(options: TestSessionOptions = {}) {
  const session = createTestSession(options);
  const queries = new QueryClient();
  const loadNotes = vi.fn(async () => ["Buy milk"]);
  forgetAnswers(session, queries);
  render(
    <QueryClientProvider client={queries}>
      <NotesPage session={session} loadNotes={loadNotes} />
    </QueryClientProvider>,
  );
  return { session, queries, loadNotes };
}

/** What moves the session moves the page: React wants to know. */
const pass = (session: TestSession, duration: string) => act(() => session.advance(duration));

test("shows the notes while the session is active", async () => {
  show();
  expect(await screen.findByText("Buy milk")).toBeDefined();
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

test("asks who is not signed in to do so, and asks the API for nothing", async () => {
  const { session, loadNotes } = show({ status: "absent" });
  expect(screen.getByRole("alert").textContent).toContain("You are not signed in.");
  await pass(session, "1m");
  expect(loadNotes).not.toHaveBeenCalled();
});

test("warns two minutes before the end, and goes on when the person says so", async () => {
  const { session } = show({ policy: { idle: "15m", warning: "2m" } });
  await pass(session, "13m");
  expect(screen.getByRole("alertdialog").textContent).toContain("2 min left.");
  await userEvent.click(screen.getByRole("button", { name: "Stay signed in" }));
  await vi.waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(session.server.heartbeats).toMatchObject([{ intent: "extend" }]);
  expect(session.remaining()).toBe(15 * 60_000);
});

test("keeps warning, and says so, when the server does not agree", async () => {
  const { session } = show({ status: "warning" });
  session.server.refuseNext("unavailable");
  await userEvent.click(screen.getByRole("button", { name: "Stay signed in" }));
  expect(await screen.findByText("That did not work. Please try again.")).toBeDefined();
});

test("offers nothing that cannot be done, when everyone must sign in again", () => {
  show({ status: "warning", cause: "absolute" });
  expect(screen.getByRole("alertdialog")).toBeDefined();
  expect(screen.queryByRole("button")).toBeNull();
});

test("shows no notes after 15 minutes without activity", async () => {
  const { session } = show();
  await screen.findByText("Buy milk");
  await pass(session, "15m");
  expect(screen.getByRole("alert").textContent).toContain("You were away for a while.");
  expect(screen.queryByText("Buy milk")).toBeNull();
});

test("stays as it is while the person is there", async () => {
  const { session } = show();
  for (let minute = 0; minute < 60; minute += 10) {
    await pass(session, "10m");
    await act(() => session.activity("key"));
  }
  expect(screen.getByText("Buy milk")).toBeDefined();
});

test("signs nobody out because the network is down", async () => {
  const { session } = show();
  await act(() => session.server.disconnect());
  expect(screen.getByRole("status").textContent).toContain("Your session goes on.");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("asks for no more while the session is not active, and goes on when the same person is back", async () => {
  const { session, queries, loadNotes } = show();
  await screen.findByText("Buy milk");
  await act(() => session.server.end("revoked"));
  await act(() => queries.invalidateQueries());
  expect(loadNotes).toHaveBeenCalledTimes(1);
  await act(() => session.server.signIn());
  expect(await screen.findByText("Buy milk")).toBeDefined();
  expect(loadNotes).toHaveBeenCalledTimes(2);
});

test("keeps nothing of a person who has signed out", async () => {
  const { session, queries } = show();
  await screen.findByText("Buy milk");
  await act(async () => void (await session.end()));
  expect(queries.getQueryData(["notes"])).toBeUndefined();
});

test("is loaded anew for another person", async () => {
  const { session } = show();
  await act(() => session.server.signIn("ben"));
  expect(session.reloads).toBe(1);
});
