// @vitest-environment happy-dom
// The React hook with the React of the workshop; test/package/oldest-frameworks.test.ts runs the same with the oldest one.
import * as react from "react";
import * as client from "react-dom/client";
import * as server from "react-dom/server";
import { useSession } from "../../src/react/use-session.js";
import { createTestSession } from "../../src/testing/create-test-session.js";
import { describeReact } from "./react-suite.js";

describeReact(`React ${react.version}`, { react, client, server, useSession, createTestSession });
