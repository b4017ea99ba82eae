// The service's JSON API; every request of these pages is made here.
import { readEvents } from "./events.js";
import { askForToken, storedToken } from "./token.js";

/** An answer that is not 2xx, or none at all (`status` 0). */
export class APIError extends Error {
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }

  /** Whether it is the database that does not answer, which passes by itself. */
  get isAway() {
    return this.code === "database_unreachable" || this.code === "not_ready";
  }
}

export const isAbort = (error) => error?.name === "AbortError";

async function send(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new APIError(0, "no_answer", "The service does not answer.");
  }
  if (response.ok) return response;
  let found = null;
  try {
    found = (await response.json()).error;
  } catch { /* not JSON: a proxy's page, perhaps */ }
  throw new APIError(response.status, found?.code ?? "unknown", found?.message ?? `The service answered ${response.status}.`);
}

/** A change of the library: asks for the token when the service wants one, as often as it takes or until cancelled. */
async function sendWithToken(path, options = {}) {
  for (;;) {
    const token = storedToken();
    try {
      const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
      return await send(path, { ...options, headers });
    } catch (error) {
      if (error.status !== 401 || !(await askForToken(token))) throw error;
    }
  }
}

function withQuery(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

const get = async (path, parameters = {}, signal) => (await send(withQuery(path, parameters), { signal })).json();
const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
const post = async (path, body, signal) => (await send(path, { ...json(body), signal })).json();

export const status = (signal) => get("/api/status", {}, signal);
export const search = (parameters, signal) => get("/api/search", parameters, signal);
export const passage = (id, signal) => get("/api/passage", { id }, signal);
export const documents = (limit, offset, signal) => get("/api/documents", { limit, offset }, signal);
export const wholeDocument = (source, signal) => get("/api/document", { source }, signal);
export const recommend = (body, signal) => post("/api/recommend", body, signal);
export const classify = (body, signal) => post("/api/classify", body, signal);

export const removeDocument = async (source) =>
  (await sendWithToken(withQuery("/api/document", { source }), { method: "DELETE" })).json();

async function* stream(sender, path, options) {
  yield* readEvents((await sender(path, options)).body);
}

export const ask = (body, signal) => stream(send, "/api/ask", { ...json(body), signal });
export const duplicates = (body, signal) => stream(send, "/api/duplicates", { ...json(body), signal });
export const ingestURLs = (body, signal) => stream(sendWithToken, "/api/ingest/urls", { ...json(body), signal });
export const ingest = (file, name, topic, signal) =>
  stream(sendWithToken, withQuery("/api/ingest", { name, topic }), {
    method: "POST",
    headers: { "Content-Type": file.type || "application/octet-stream" },
    body: file,
    signal,
  });
