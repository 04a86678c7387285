// Classified sentences as a CSV file, with the columns of `framelens classify`.
import { made } from "./page.js";

const COLUMNS = ["article", "position", "start", "end", "text", "quoted", "frames"];
/** What a spreadsheet would take for a formula, as in framelens.spreadsheet. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]./su;

export function csv({ frames, articles }) {
  const rows = articles.flatMap(({ article, sentences }) =>
    sentences.map((one) => [
      ...COLUMNS.map((name) => (name === "article" ? article : name === "frames" ? one.frames.join(" ") : one[name])),
      ...frames.map((frame) => one.probabilities[frame.id]),
    ]),
  );
  const lines = [[...COLUMNS, ...frames.map((frame) => `p_${frame.id}`)], ...rows];
  return lines.map((line) => `${line.map(cell).join(",")}\n`).join("");
}

function cell(value) {
  if (typeof value === "number") return String(Number(value.toFixed(6)));
  const guarded = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Have the browser save a text as a file; nothing leaves the machine. */
export function save(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  made("a", "", { href: address, download: name }).click();
  // the browser reads it after the click
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
