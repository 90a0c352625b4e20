// Server-sent events with reconnect. The browser comes back by itself after a lost connection; after an answer that is
// no stream (a restart behind a proxy, an ended login) it does not, so we try again, less often each time.
const SHORTEST_MS = 1000;
const LONGEST_MS = 30000;

export function followEvents(address, handlers) {
  const live = document.getElementById("live");
  let pause = SHORTEST_MS;
  let source = null;
  let wasLost = false;

  const show = (text) => {
    if (live) {
      live.textContent = text;
      live.hidden = !text;
    }
  };

  const connect = () => {
    source = new EventSource(address);
    source.onopen = () => {
      if (wasLost) handlers.resync({}); // another process may answer now, which knows nothing of our last event
      wasLost = false;
      pause = SHORTEST_MS;
      show("");
    };
    source.onerror = () => {
      wasLost = true;
      show("Not live: trying to reconnect…");
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(connect, pause);
        pause = Math.min(pause * 2, LONGEST_MS);
      }
    };
    for (const [kind, handle] of Object.entries(handlers)) {
      source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
    }
  };

  // A page that is left must not hold its connection: browsers allow six to a server over HTTP/1.1.
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  connect();
}
