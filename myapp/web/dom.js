// Making elements. Text from the server only ever becomes text nodes, and links only lead where links may lead.

/** `element("a", {class: "x", href: "#/ask", onclick: f}, "text", child)`; null and false children are left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (key === "dataset") Object.assign(made.dataset, value);
    else if (key === "style") for (const [name, each] of Object.entries(value)) made.style.setProperty(name, each);
    else if (key === "href") {
      if (isSafeLink(value)) made.setAttribute("href", value);
    } else if (key === "value" || key === "checked") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Puts `children` in the place of what `parent` holds; null and false ones are left out. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

/** A place in this page, a path of this origin, or a web address; never `javascript:` or `data:`. */
export function isSafeLink(link) {
  if (/^(#|\/(?![/\\]))/.test(link)) return true;
  try {
    return ["http:", "https:"].includes(new URL(link).protocol);
  } catch {
    return false;
  }
}

/** A link to another site, or plain text where the address is not one. */
export function outsideLink(address) {
  return isSafeLink(address) && !/^[#/]/.test(address)
    ? element("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address)
    : document.createTextNode(address);
}

export const byID = (id) => document.getElementById(id);

const numbers = new Intl.NumberFormat("en");
export const number = (value) => numbers.format(value ?? 0);
export const counted = (count, one, many = one + "s") => `${number(count)} ${count === 1 ? one : many}`;

export function milliseconds(value) {
  if (value === null || value === undefined) return "";
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function bytes(value) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A message in the place of results: `kind` is "empty" or "error". */
export function message(kind, title, text, ...more) {
  return element("div", { class: `message ${kind}`, role: kind === "error" ? "alert" : null },
    element("p", { class: "message-title" }, title), text ? element("p", {}, text) : null, ...more);
}

/** A failed request in the place of results. What the database said goes behind a click: it is long, and for whoever runs this. */
export function failure(title, error, retry) {
  return message("error", title,
    error.isAway ? "The database does not answer just now. As soon as it does, this page goes on by itself." : error.message,
    error.isAway ? element("details", {}, element("summary", {}, "What was said"), element("p", {}, error.message)) : null,
    retry ? element("button", { type: "button", onclick: retry }, "Try again") : null);
}
