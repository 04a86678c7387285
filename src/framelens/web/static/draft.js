// What is chosen and not yet recorded, kept in the browser so that reloading or closing the page loses nothing.

/** The draft of one piece of work; it belongs to one sentence, under the text that was on screen. */
export class Draft {
  constructor(work) {
    this.name = `framelens draft ${JSON.stringify(work)}`;
  }

  keep(shown, frames, note) {
    this.#quietly(() => {
      const same = note === shown.note && String([...frames].sort()) === String([...shown.chosen].sort());
      if (same) localStorage.removeItem(this.name);
      else localStorage.setItem(this.name, JSON.stringify({ id: shown.sentence_id, text: shown.sentence, frames, note }));
    });
  }

  /** Frames and note for what is shown: those of the draft where it is about this sentence. */
  over(shown) {
    const kept = this.#quietly(() => JSON.parse(localStorage.getItem(this.name)));
    const fits = kept && kept.id === shown.sentence_id && kept.text === shown.sentence;
    return fits ? kept : { frames: shown.chosen, note: shown.note };
  }

  /** A browser may refuse to keep anything; coding goes on without. */
  #quietly(use) {
    try {
      return use();
    } catch {
      return null;
    }
  }
}
