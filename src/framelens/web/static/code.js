// Code and Adjudicate: keys and buttons to the API, the next sentence back. A coding is on disk when the API answers.
import { Draft } from "./draft.js";
import { $, asked, fault, made, posted } from "./page.js";

const desk = $("desk");
const boxes = [...document.querySelectorAll("#frames input")];
const work = chosenWork();
const draft = new Draft([desk.dataset.api, work]);
const ACTIONS = { Enter: "accept", " ": "accept", ArrowRight: "skip", ArrowLeft: "back", Backspace: "back", "-": "undo" };
let shown = null; // the sentence on the screen
let replaces = false; // whether what another window recorded of it has been told
let asksRule = false;
let waiting = []; // keys pressed while a coding is on its way
let busy = false;

function chosenWork() {
  const asked = new URLSearchParams(location.search);
  const found = { coder: desk.dataset.coder };
  for (const name of ["queue", "frame", "article", "limit", "suggest"]) {
    if (asked.get(name)) found[name] = asked.get(name);
    const field = document.forms.start.elements[name];
    if (field && asked.get(name)) field.type === "checkbox" ? (field.checked = true) : (field.value = asked.get(name));
  }
  if ($("queue-name")) $("queue-name").textContent = found.queue ?? "article";
  return found;
}

/* what is on the screen */

function draw(answer) {
  [shown, replaces] = [answer, false];
  const { frames, note } = draft.over(shown);
  const rate = shown.per_hour ? `, ${Math.round(shown.per_hour)} an hour` : "";
  const place = shown.finished ? "" : ` · ${shown.sentence_id} (${shown.selected_by})`;
  $("progress").textContent = `${shown.done} coded, ${shown.left} to go${rate}${place}`;
  $("title").textContent = shown.title;
  $("before").replaceChildren(...shown.before.map((text) => made("p", text)));
  $("after").replaceChildren(...shown.after.map((text) => made("p", text)));
  $("sentence").textContent = shown.finished ? "That was the last sentence of this queue." : shown.sentence;
  $("status").textContent = shown.message;
  $("note").value = note;
  for (const box of boxes) {
    box.checked = frames.includes(box.value);
    const chance = shown.chances[box.value];
    box.parentElement.querySelector(".chance").textContent = chance === undefined ? "" : chance.toFixed(2);
  }
  $("after-queue").hidden = !shown.finished;
  drawSaid();
  drawChoice();
  desk.hidden = false;
  // from now on, what goes wrong is told where the eye is
  if ($("fault").parentElement !== $("bar")) $("bar").prepend($("fault"));
  bringIntoView();
}

/** The sentence above the bar, and what coders said of it as far as there is room. */
function bringIntoView() {
  clearOfBar();
  for (const element of [$("said"), $("sentence")]) element?.scrollIntoView({ block: "nearest" });
}

function clearOfBar() {
  const lies = getComputedStyle($("bar")).position === "fixed";
  document.documentElement.style.setProperty("--bar", `${lies ? $("bar").offsetHeight : 0}px`);
}

function drawSaid() {
  if (!$("said")) return;
  const names = new Map(boxes.map((box) => [box.value, box.parentElement.querySelector("span").textContent]));
  $("said").hidden = shown.finished;
  const rows = shown.said.map((one) => {
    const row = made("tr");
    row.append(made("th", one.coder, { scope: "row" }), made("td"), made("td", one.note));
    const chips = one.frames.map((id) => made("span", names.get(id) ?? id, { class: "chip", "data-frame": id }));
    row.children[1].append(...(chips.length ? chips : ["no frame"]));
    return row;
  });
  $("said").tBodies[0].replaceChildren(...rows);
}

const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);

function drawChoice() {
  for (const element of [...boxes, $("note"), ...document.querySelectorAll("[data-do=accept], [data-do=skip]")]) {
    element.disabled = shown.finished;
  }
  $("accept").textContent = chosen().length ? "Accept" : "Accept: no frame";
}

function changed() {
  draft.keep(shown, chosen(), $("note").value);
  drawChoice();
}

/* what is done */

async function act(action) {
  if (busy || !shown) return;
  busy = true;
  fault("");
  const said = { frames: chosen(), note: $("note").value, seen: shown.recorded, replace: replaces };
  const body = { ...work, sentence: shown.sentence_id, ...said, action };
  try {
    if (action === "accept" || action === "skip") await recordedThen(body);
    else draw(await posted(desk.dataset.api, body));
    $("sentence").focus({ preventScroll: true });
  } catch (error) {
    // keys typed ahead were meant for a sentence that has not come
    waiting = [];
    replaces = error.status === 409;
    fault(replaces ? error.message : `${error.message} Your choice is kept.`);
    bringIntoView();
  }
  busy = false;
  while (waiting.length && !busy) press(waiting.shift());
}

async function recordedThen(body) {
  if (shown.finished) return;
  const answer = await posted(desk.dataset.api, body);
  draft.keep({ ...shown, chosen: [], note: "" }, [], "");
  draw(answer);
}

function toggle(box) {
  if (shown.finished) return;
  box.checked = !box.checked;
  $("status").textContent = `${box.parentElement.querySelector("span").textContent} ${box.checked ? "chosen" : "not chosen"}`;
  changed();
}

/** Open a rule; the focus stays where it is, so that the next key goes on coding, and screen readers hear the rule. */
function openRule(frame) {
  asksRule = false;
  $("status").textContent = "";
  for (const rule of document.querySelectorAll("details.rule")) rule.open = rule.dataset.frame === frame;
  const rule = document.querySelector(`details.rule[data-frame="${CSS.escape(frame)}"]`);
  rule.scrollIntoView({ block: "nearest" });
  $("heard").textContent = rule.textContent;
}

/** Do what a key stands for, as in the terminal; in the note, keys that were typed ahead are letters. */
function press(key) {
  if (busy) waiting.push(key);
  else if (document.activeElement === $("note")) typeAhead(key);
  else if (key === "Escape") [asksRule, $("status").textContent] = [false, ""];
  else if (boxOf(key)) asksRule ? openRule(boxOf(key).value) : toggle(boxOf(key));
  else if (key === "?") [asksRule, $("status").textContent] = [true, "Which frame's rule? Press its key."];
  else if (key === "/") $("note").focus();
  else if (ACTIONS[key]) act(ACTIONS[key]);
}

function typeAhead(key) {
  if (key === "Enter") $("sentence").focus();
  else if (key === "Backspace") $("note").value = $("note").value.slice(0, -1);
  else if (key.length === 1) $("note").value += key;
  changed();
}

const boxOf = (key) => boxes.find((box) => box.dataset.key === key);
/** Whether a key is for coding; while an answer is awaited, any letter may be part of a note typed ahead. */
const isOurs = (key) =>
  Boolean(boxOf(key) || ACTIONS[key] || ["?", "/", "Escape"].includes(key) || (busy && key.length === 1));

/** Whether what has the focus does something of its own with this key. */
function isTheirs(target, key) {
  if (target === $("note")) return true;
  if (target.closest("#start")) return true;
  if (key === "Enter") return Boolean(target.closest("a, button, summary"));
  if (key === " ") return Boolean(target.closest("a, button, summary, input"));
  return false;
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!shown || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!$("keys").checked || !isOurs(key) || isTheirs(target, key)) return;
  event.preventDefault();
  // a key that is held down would code one sentence after the other
  if (!event.repeat) press(key);
});

$("note").addEventListener("keydown", (event) => {
  if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Escape") $("note").value = $("note").dataset.before ?? "";
  changed();
  $("sentence").focus();
});
$("note").addEventListener("focus", () => ($("note").dataset.before = $("note").value));
$("note").addEventListener("input", changed);
for (const box of boxes) box.addEventListener("change", changed);
document.forms.start.addEventListener("submit", async (event) => {
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
  try {
    // asked first: what cannot be begun must not take the place of what is being coded
    await asked(`${desk.dataset.next}?${query}`);
    location.search = query;
  } catch (error) {
    fault(error.message);
  }
});
$("another")?.addEventListener("click", (event) => {
  event.preventDefault();
  $("setting").open = true;
  document.forms.start.elements.queue.focus();
});
new ResizeObserver(clearOfBar).observe($("bar"));
addEventListener("resize", clearOfBar);
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", () => act(button.dataset.do));

/* where a person can do without single keys, they stay off */

try {
  $("keys").checked = localStorage.getItem("framelens keys") !== "off";
  $("keys").addEventListener("change", () => localStorage.setItem("framelens keys", $("keys").checked ? "on" : "off"));
} catch {
  // the browser keeps nothing: keys are on whenever the page opens
}

if (work.coder) {
  asked(`${desk.dataset.next}?${new URLSearchParams(work)}`).then(draw, (error) => {
    fault(error.message);
    $("setting").open = true;
  });
}
