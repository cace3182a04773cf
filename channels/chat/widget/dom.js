// Elements from words: text is always set as text, never parsed.

/**
 * @param {string} tag such as 'button.send'
 * @param {Record<string, any>} [attrs] attributes; on… are listeners
 * @param {...(Node|string|null|false|undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attrs, ...children) {
  const [name, ...classes] = tag.split('.');
  const e = document.createElement(name);
  if (classes.length) e.className = classes.join(' ');
  for (const [k, v] of Object.entries(attrs || {})) {
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else if (v === true) e.setAttribute(k, '');
    else if (v !== false && v != null) e.setAttribute(k, v);
  }
  e.append(.../** @type {(Node|string)[]} */ (children.filter((c) => c !== null && c !== false && c !== undefined)));
  return e;
}

/** @param {string} path of an icon drawn on 24 by 24 @param {string} [cls] */
export function icon(path, cls) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  if (cls) svg.setAttribute('class', cls);
  const p = document.createElementNS(ns, 'path');
  p.setAttribute('d', path);
  svg.append(p);
  return svg;
}

export const icons = {
  chat: 'M12 3.500c-5.2 0-9.3 3.5-9.3 7.9 0 2.5 1.3 4.6 3.4 6.100L5.5 21l4.3-2.100c.7.1 1.4.200 2.2.200 5.2 0 9.3-3.5 9.3-7.900S17.2 3.5 12 3.500z',
  down: 'M6 9l6 6 6-6',
  send: 'M4 12l16-8-5.5 16-3.5-6.500z',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  clock: 'M12 7v5l3 2M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z',
  file: 'M14 3.500H7a1.5 1.5 0 0 0-1.5 1.500v14A1.5 1.5 0 0 0 7 20.500h10a1.5 1.5 0 0 0 1.5-1.500V8zM14 3.500V8h4.5',
  close: 'M6 6l12 12M18 6L6 18',
};

const link = /\bhttps?:\/\/[^\s<>"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;

/**
 * Text in which addresses can be clicked. Only http, https and mailto come out of it.
 * @param {string} text
 * @returns {(Node|string)[]}
 */
export function linked(text) {
  /** @type {(Node|string)[]} */
  const out = [];
  let from = 0;
  for (const m of text.matchAll(link)) {
    const address = m[0].replace(/[.,;:!?)\]]+$/, ''); // the sentence's, not the address's
    out.push(text.slice(from, m.index));
    const href = /^https?:/i.test(address) ? address : 'mailto:' + address;
    out.push(el('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, address));
    from = (m.index || 0) + address.length;
  }
  out.push(text.slice(from));
  return out;
}

/** @param {number} bytes */
export function size(bytes) {
  return bytes < 1e6 ? Math.max(1, Math.round(bytes / 1e3)) + ' kB' : (bytes / 1e6).toFixed(1) + ' MB';
}

/**
 * Black or white, whichever is easier to read on a colour (WCAG 2.2, relative luminance).
 * @param {string} hex
 */
export function inkOn(hex) {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#fff' : '#10151c';
}
