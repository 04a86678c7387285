// What a person who sees little, or hears the page, would stumble on: each fault in a line. Contrast is that of the text
// that is shown with what is painted behind it; WCAG 2.2 says how it is worked out.
({ contrast, target }) => {
  const pixel = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const over = (colours) => {
    for (const one of colours) { pixel.fillStyle = one; pixel.fillRect(0, 0, 1, 1); }
    return [...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const seen = [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.getClientRects().length);
  const found = [];
  const name = (e) => `${e.tagName.toLowerCase()}#${e.id}: ${e.textContent.trim().slice(0, 30)}`;
  for (const e of seen) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.disabled) continue;
    const behind = ['white'];
    for (let up = e; up; up = up.parentElement) behind.splice(1, 0, getComputedStyle(up).backgroundColor);
    const [a, b] = [light(over(behind)), light(over([...behind, getComputedStyle(e).color]))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < contrast) found.push(`contrast ${ratio.toFixed(2)}: ${name(e)}`);
  }
  for (const e of seen) {
    if (!e.matches('a, button, input, select, textarea, summary')) continue;
    const box = (e.closest('label') ?? e).getBoundingClientRect();
    if (!e.closest('p') && Math.min(box.width, box.height) < target) found.push(`small: ${name(e)}`);
    if (e.tabIndex > 0) found.push(`order of focus: ${name(e)}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  found.push(...ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `id twice: ${id}`));
  for (const e of document.querySelectorAll('[aria-labelledby], [aria-describedby], label[for]')) {
    const named = [e.getAttribute('aria-labelledby'), e.getAttribute('aria-describedby'), e.htmlFor];
    found.push(...named.filter(id => id && !document.getElementById(id)).map(id => `no such id: ${id}`));
  }
  let level = 0;
  for (const h of seen.filter(e => /^H[1-6]$/.test(e.tagName))) {
    if (+h.tagName[1] > level + 1) found.push(`heading out of order: ${name(h)}`);
    level = +h.tagName[1];
  }
  for (const [what, count] of [['h1', 1], ['main', 1], ['html[lang]', 1], ['title', 1]])
    if (document.querySelectorAll(what).length !== count) found.push(`${what}: not ${count}`);
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the screen');
  return found;
}
