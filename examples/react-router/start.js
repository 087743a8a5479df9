/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { app } from "./server.js";

const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`Notes ready on http://127.0.0.1:${server.address().port}`);
});
