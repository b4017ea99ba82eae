// The hash is the state: `#/search?q=bees&mode=fused`. Whoever has the address sees the same page.

export function readRoute(hash = location.hash) {
  const found = /^#\/([a-z]+)(?:\?(.*))?$/s.exec(hash);
  return { view: found?.[1] ?? "search", parameters: new URLSearchParams(found?.[2] ?? "") };
}

/** Parameters that are null, undefined, "" or an empty list are left out. */
export function address(view, parameters = {}) {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
    if (text !== "") kept.set(name, text);
  }
  const query = kept.toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** Notes the state without a step in the history, and without the view being shown anew. */
export function note(view, parameters) {
  history.replaceState(history.state, "", address(view, parameters));
}

export function go(view, parameters) {
  location.hash = address(view, parameters);
}

export const documentAddress = (passage) =>
  address("document", { source: passage.source, start: passage.start, end: passage.end });
