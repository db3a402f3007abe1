/** Follows one job, a study or a landscape, as server-sent events; a dropped line goes on after the last event by itself. */

/** `hears`: `{progress(told), state(word), end(), lost(), live()}`; gives the function that ends it. */
export function follow(address, last, hears) {
  const from = last ? `?after=${encodeURIComponent(last)}` : "";
  const source = new EventSource(`${address}/events${from}`);
  source.addEventListener("open", () => hears.live());
  source.addEventListener("error", () => source.readyState !== EventSource.CLOSED && hears.lost());
  source.addEventListener("progress", ({ data }) => hears.progress(JSON.parse(data)));
  source.addEventListener("state", ({ data }) => hears.state(JSON.parse(data).state));
  source.addEventListener("end", () => { source.close(); hears.end(); });
  return () => source.close();
}
