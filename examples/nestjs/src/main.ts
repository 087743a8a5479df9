/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { createApp } from "./create-app.js";

const app = await createApp();
await app.listen(process.env.PORT ?? 3000, "127.0.0.1");
console.log(`Notes ready on ${await app.getUrl()}`);
