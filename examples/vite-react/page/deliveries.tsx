/** The list, asked for every two seconds while the session lives. */
import { useEffect, useState } from "react";
import { type Delivery, deliveries } from "./call-api.js";

const INTERVAL = 2_000;

export function Deliveries({ live }: { live: boolean }) {
  const [list, setList] = useState<readonly Delivery[]>([]);
  useEffect(() => {
    if (!live) return;
    const ask = () =>
      void deliveries().then(
        (answer) => answer && setList(answer),
        () => {},
      );
    ask();
    const timer = setInterval(ask, INTERVAL);
    return () => clearInterval(timer);
  }, [live]);
  return (
    <>
      <h1>Deliveries</h1>
      <ul>
        {list.map(({ id, where, status }) => (
          <li key={id}>
            {where}: {status}
          </li>
        ))}
      </ul>
    </>
  );
}
