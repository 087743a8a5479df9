/** A way to a server that takes time: what goes there and what comes back arrives later, in order. It counts the bytes. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Way {
  readonly port: number;
  readonly bytes: { there: number; back: number };
  close(): void;
}

export interface Latency {
  /** Milliseconds on the way to the server, and on the way back. */
  readonly there: number;
  readonly back: number;
}

function carry(from: Socket, to: Socket, delay: number, count: (bytes: number) => void): void {
  const later = (work: () => void) => (delay === 0 ? work() : setTimeout(work, delay));
  from.on("data", (chunk) => {
    count(chunk.length);
    later(() => to.write(chunk));
  });
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
  from.on("close", () => later(() => to.destroy()));
}

/** Opens a way to a port of this machine. */
export async function openWay(port: number, { there, back }: Latency = { there: 0, back: 0 }): Promise<Way> {
  const bytes = { there: 0, back: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    carry(near, far, there, (count) => {
      bytes.there += count;
    });
    carry(far, near, back, (count) => {
      bytes.back += count;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    bytes,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
