// What both scripts need: elements by id, elements made of text alone, and answers of the API.

const FAILED = {
  413: "That is more than fits; from the command line: framelens classify FILE",
  other: "The program failed; its terminal says why.",
};

export const $ = (id) => document.getElementById(id);

/** An element with its text; text is never read as markup. */
export function made(name, text = "", attributes = {}) {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Say what went wrong where screen readers hear it; nothing to say hides it. */
export function fault(message) {
  $("fault").textContent = message;
  $("fault").hidden = !message;
}

/** The answer of the API, or an error that says in one line what is wrong. */
export async function asked(address, options = {}) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error("framelens does not answer; is it still running in its terminal?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(new Error(answer.error ?? FAILED[response.status] ?? FAILED.other), { status: response.status });
  }
  return answer;
}

export const posted = (address, body) =>
  asked(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
