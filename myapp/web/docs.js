// The page of the JSON API, made from the service's own description (OpenAPI 3).
import { byID, element, message } from "./dom.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 6;

let description = null;

start();

async function start() {
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok) throw new Error(`The service answered ${response.status}.`);
    description = await response.json();
    show();
  } catch (error) {
    byID("api").replaceChildren(message("error", "The description could not be read", error.message));
  }
}

function show() {
  const { info = {}, paths = {} } = description;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, shared: item.parameters ?? [], ...item[method] })));
  byID("api").replaceChildren(
    element("header", {},
      element("h1", {}, info.title ?? "The JSON API"),
      info.description ? element("p", { class: "api-text" }, info.description) : null,
      element("nav", { class: "api-index", "aria-label": "Operations" }, operations.map((each) =>
        element("a", { href: `#${anchor(each)}` }, methodTag(each.method), element("code", {}, each.path), element("span", { class: "muted" }, each.summary ?? ""))))),
    ...operations.map(operationView));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

const anchor = ({ method, path }) => `${method}${path.replace(/[^\w]+/g, "-")}`;
const methodTag = (method) => element("span", { class: `method ${method}` }, method.toUpperCase());

function operationView(operation) {
  const parameters = [...operation.shared, ...(operation.parameters ?? [])].map(resolve);
  const body = operation.requestBody ? resolve(operation.requestBody) : null;
  return element("section", { class: "operation", id: anchor(operation), "aria-label": `${operation.method} ${operation.path}` },
    element("h2", {}, operation.summary ?? operation.operationId ?? operation.path),
    element("p", { class: "operation-path" }, methodTag(operation.method), element("code", {}, operation.path)),
    operation.description ? element("p", { class: "api-text" }, operation.description) : null,
    parameters.length ? [heading("Parameters"), fields(parameters.map((each) => [
      `${each.name}`, each.required, `${typeText(each.schema)}${each.in === "query" ? "" : `, in the ${each.in}`}`, each.description, each.schema,
    ]))] : null,
    body ? [heading("Body"), ...Object.entries(body.content ?? {}).map(([type, media]) => mediaView(type, media))] : null,
    heading("Try it"),
    element("pre", { tabindex: "0", "aria-label": "Command" }, element("code", {}, command(operation, parameters, body))),
    heading("Answers"),
    Object.entries(operation.responses ?? {}).map(([status, response]) => answerView(status, resolve(response))));
}

const heading = (text) => element("h3", {}, text);

function answerView(status, response) {
  const content = Object.entries(response.content ?? {});
  const title = `${status}  ${response.description ?? ""}`;
  if (content.length === 0) return element("p", {}, title);
  return element("details", {}, element("summary", {}, title), content.map(([type, media]) => mediaView(type, media)));
}

function mediaView(type, media) {
  const schema = media.schema ? resolve(media.schema) : null;
  const properties = schema?.properties ? Object.entries(schema.properties) : [];
  const example = media.example ?? Object.values(media.examples ?? {})[0]?.value ?? schema?.example;
  return element("div", {},
    element("p", { class: "muted" }, type, schema && properties.length === 0 ? `: ${typeText(media.schema)}` : ""),
    schema?.description ? element("p", { class: "api-text" }, schema.description) : null,
    properties.length ? fields(properties.map(([name, each]) => [name, schema.required?.includes(name), typeText(each), resolve(each).description, resolve(each)])) : null,
    example === undefined ? null : element("pre", { tabindex: "0", "aria-label": "Example" }, element("code", {}, typeof example === "string" ? example : JSON.stringify(example, null, 2))));
}

function fields(rows) {
  return element("dl", { class: "fields" }, rows.map(([name, needed, type, text, schema]) => element("div", {},
    element("dt", {}, element("code", {}, name), needed ? element("span", { class: "needed" }, " needed") : null),
    element("dd", {},
      element("span", { class: "muted" }, type),
      schema?.default === undefined ? null : element("span", { class: "muted" }, `, ${JSON.stringify(schema.default)} unless said`),
      text ? element("p", {}, text) : null))));
}

/** What a `$ref` within this description points at. */
function resolve(node) {
  for (let steps = 0; node?.$ref && steps < DEEPEST; steps += 1) {
    if (!node.$ref.startsWith("#/")) return {};
    node = node.$ref.slice(2).split("/").reduce((found, key) => found?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], description);
  }
  return node ?? {};
}

function typeText(node, depth = 0) {
  const name = node?.$ref?.split("/").at(-1);
  if (name && depth > 0) return name;
  const schema = resolve(node);
  if (depth > DEEPEST) return "…";
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  for (const key of ["oneOf", "anyOf", "allOf"]) {
    if (schema[key]) return schema[key].map((each) => typeText(each, depth + 1)).join(key === "allOf" ? " and " : " or ");
  }
  const types = [schema.type ?? (schema.properties ? "object" : "any")].flat();
  const text = types.map((type) => {
    if (type === "array") return `list of ${typeText(schema.items ?? {}, depth + 1)}`;
    if (type === "object" && schema.additionalProperties) return `object of ${typeText(schema.additionalProperties, depth + 1)}`;
    if (type === "object" && schema.properties) {
      const inside = Object.entries(schema.properties).map(([key, each]) => `${key}: ${typeText(each, depth + 1)}`).join(", ");
      return name && depth === 0 ? name : `{${inside}}`;
    }
    return schema.format ? `${type} (${schema.format})` : type;
  }).join(" or ");
  return schema.nullable ? `${text} or null` : text;
}

/** A curl that does it here, with an example in the place of each needed value. */
function command(operation, parameters, body) {
  const sample = (each) => each.example ?? each.schema?.example ?? each.schema?.default ?? each.schema?.enum?.[0] ?? (each.schema?.type === "integer" ? 1 : each.name.toUpperCase());
  const inPath = operation.path.replace(/\{(\w+)\}/g, (whole, name) => encodeURIComponent(sample(parameters.find((each) => each.name === name) ?? { name })));
  const query = parameters.filter((each) => each.in === "query" && each.required).map((each) => `${each.name}=${encodeURIComponent(sample(each))}`).join("&");
  const lines = [`curl ${operation.method === "get" ? "" : `-X ${operation.method.toUpperCase()} `}${quoted(`${location.origin}${inPath}${query ? `?${query}` : ""}`)}`];
  const [type, media] = Object.entries(body?.content ?? {})[0] ?? [];
  if (type === "application/json") {
    lines.push(`-H ${quoted("Content-Type: application/json")}`, `-d ${quoted(JSON.stringify(media.example ?? exampleOf(media.schema)))}`);
  } else if (type) {
    lines.push("--data-binary @FILE");
  }
  return lines.join(" \\\n  ");
}

/** Single quotes, as every shell reads them. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function exampleOf(node, depth = 0) {
  const schema = resolve(node);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const type = [schema.type].flat()[0];
  if (type === "array") return depth < DEEPEST ? [exampleOf(schema.items, depth + 1)] : [];
  if (schema.properties) {
    const wanted = schema.required ?? Object.keys(schema.properties);
    return Object.fromEntries(wanted.filter((key) => schema.properties[key]).map((key) => [key, depth < DEEPEST ? exampleOf(schema.properties[key], depth + 1) : null]));
  }
  return { integer: 1, number: 1, boolean: true, string: "…" }[type] ?? null;
}
