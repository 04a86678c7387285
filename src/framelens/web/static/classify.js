// Classify: text or a file to the API, sentences with their frames back.
import { csv, save } from "./csv.js";
import { $, asked, fault, made, posted } from "./page.js";

const form = $("classify");
let latest = 0;
let onScreen = null; // the answer, and the name of its file

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(() => posted("/api/classify", { text: $("text").value, language: $("language").value }));
});
$("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) send(file);
  event.target.value = "";
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("dropping", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
}

$("csv").addEventListener("click", () => {
  save(csv(onScreen.answer), `${onScreen.file.replace(/\.[^.]*$/, "") || "pasted"}-frames.csv`);
});

function send(file) {
  const most = Number(form.dataset.most);
  if (file.size > most) {
    fault(`${file.name}: more than ${most / 1e6} MB; from the command line: framelens classify FILE`);
    return;
  }
  const query = new URLSearchParams({ name: file.name, language: $("language").value });
  show(() => asked(`/api/classify/file?${query}`, { method: "POST", body: file }), file.name);
}

/** Show an answer, unless another was asked for in the meantime. */
async function show(ask, file = "") {
  const mine = ++latest;
  fault("");
  $("status").textContent = "Classifying …";
  $("result").hidden = true;
  try {
    const answer = await ask();
    if (mine === latest) draw(answer, file);
  } catch (error) {
    if (mine !== latest) return;
    $("status").textContent = "";
    fault(error.message);
  }
}

function draw(answer, file) {
  const { frames, articles } = answer;
  onScreen = { answer, file };
  const sentences = articles.flatMap((article) => article.sentences);
  const carrying = sentences.filter((one) => one.frames.length).length;
  $("status").textContent = (file ? `${file}: ` : "") + counts(sentences.length, carrying);
  // what was pasted is not what the results are of
  if (file) $("text").value = "";
  const counted = frames.map((frame) => {
    const count = sentences.filter((one) => one.frames.includes(frame.id)).length;
    return made("li", `${frame.name}: ${count}`, { class: "chip", "data-frame": frame.id });
  });
  $("legend").replaceChildren(...counted);
  $("articles").replaceChildren(...articles.map((article) => drawn(article, frames, articles.length > 1)));
  $("result").hidden = false;
}

function counts(sentences, carrying) {
  if (!sentences) return "no sentence found";
  return `${sentences === 1 ? "1 sentence" : `${sentences} sentences`}, ${carrying} with a frame`;
}

function drawn(article, frames, named) {
  const section = made("section");
  if (named) section.append(made("h2", article.article));
  section.append(...article.notes.map((note) => made("p", note, { class: "quiet" })));
  const list = made("ol", "", { class: "sentences" });
  list.append(...article.sentences.map((one) => sentence(one, frames)));
  section.append(list);
  return section;
}

/** A sentence; opened, it says why. */
function sentence(one, frames) {
  const present = frames
    .filter((frame) => one.frames.includes(frame.id))
    .sort((a, b) => one.probabilities[b.id] - one.probabilities[a.id]);
  const details = made("details", "", present.length ? { "data-frame": present[0].id } : {});
  const summary = made("summary", one.text);
  summary.append(...present.map((frame) => made("span", frame.name, { class: "chip", "data-frame": frame.id })));
  details.append(summary);
  // drawn when it is opened: an article may have thousands of sentences
  details.addEventListener("toggle", () => details.children.length > 1 || details.append(chances(one, frames)), { once: true });
  const item = made("li");
  item.append(details);
  return item;
}

function chances(one, frames) {
  const table = made("table", "", { class: "chances" });
  for (const frame of frames) {
    const row = table.insertRow();
    const chance = one.probabilities[frame.id];
    row.append(made("th", frame.name, { scope: "row", class: "mark", "data-frame": frame.id }));
    row.append(made("td", chance.toFixed(2), { class: "figure" }));
    const bar = made("td");
    bar.append(made("meter", "", { min: 0, max: 1, value: chance, "aria-label": `probability of ${frame.name}` }));
    bar.append(...decided(one.why[frame.id] ?? {}));
    row.append(bar);
  }
  return table;
}

/** The words that decided, the strongest first, each with what it adds to the log-odds. */
function decided(words) {
  const told = Object.entries(words).sort((a, b) => b[1] - a[1]).map(([word, adds]) => `${word} +${adds.toFixed(2)}`);
  return told.length ? [made("p", `Words that decided: ${told.join(", ")}`, { class: "quiet words" })] : [];
}
