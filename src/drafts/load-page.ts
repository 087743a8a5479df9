/** Loads a page of the same origin to read in it: nothing of it runs, and no Trusted Types policy stands in the way. */

/**
 * `XMLHttpRequest` gives a document where `fetch` gives a text, which a page with Trusted Types may not parse.
 * https://w3c.github.io/trusted-types/dist/spec/#integration-with-dom-parsing
 *
 * @throws Error where another page comes, such as a sign-in, or none
 */
export async function loadPage(address: string): Promise<Document> {
  const url = new URL(address, location.href);
  url.hash = "";
  if (url.origin !== location.origin) throw new Error("it is a page of another origin");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.setRequestHeader("accept", "text/html");
    request.timeout = TIMEOUT;
    request.onload = () => {
      const { status, responseURL, responseXML } = request;
      if (status !== 200) reject(new Error(`it was answered ${status}`));
      else if (new URL(responseURL).pathname !== url.pathname) reject(new Error(`it led to ${responseURL}`));
      else if (responseXML === null) reject(new Error("the answer is no page"));
      else resolve(responseXML);
    };
    request.onerror = () => reject(new Error("it could not be reached"));
    request.ontimeout = () => reject(new Error("it took too long"));
    request.send();
  });
}

const TIMEOUT = 10_000;
