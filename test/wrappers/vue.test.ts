// @vitest-environment happy-dom
// The Vue composable with the Vue of the workshop; test/package/oldest-frameworks.test.ts runs the same with the oldest one.
import * as vue from "vue";
import * as server from "vue/server-renderer";
import { createTestSession } from "../../src/testing/create-test-session.js";
import { useSession } from "../../src/vue/use-session.js";
import { describeVue } from "./vue-suite.js";

describeVue(`Vue ${vue.version}`, { vue, server, useSession, createTestSession });
