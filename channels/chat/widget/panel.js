// The panel on the host's page, brought by the loader: the frame with the chat in it, the teaser of what came in, and the line
// between page and frame. Only our own frame is talked to, and only at our own origin.

import { speak } from './words.js';

const PATIENCE = 15000; // a frame that has not spoken by then does not come

const STYLE = `
  .root { color: #18212f; --bg: #fff; --muted: #5d6b80; }
  .dark { color: #e7ebf1; --bg: #171c24; --muted: #9aa7ba; }
  .panel { position: absolute; right: 0; bottom: 76px; width: min(400px, 100vw - 2 * var(--x)); height: min(680px, 100vh - 100px - var(--y)); overflow: hidden; border-radius: 18px;
    background: var(--bg); box-shadow: 0 16px 50px #0f172a42, 0 0 0 1px #0f172a10; animation: rise .2s ease-out; }
  .dark .panel { box-shadow: 0 16px 50px #0008, 0 0 0 1px #fff2; }
  iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
  .panel::before { content: ""; position: absolute; inset: 0 0 auto; height: 74px; z-index: -1; background: var(--accent); } /* until the frame is there */
  .failed { position: absolute; inset: 0; padding: 120px 24px 0; text-align: center; color: var(--muted); }
  .left .panel, .left .teaser { right: auto; left: 0; }
  .teaser { position: absolute; right: 0; bottom: 74px; width: max-content; max-width: min(300px, 80vw); padding: 12px 16px; text-align: start;
    background: var(--bg); border-radius: 18px; box-shadow: 0 8px 30px #0f172a38; overflow-wrap: anywhere; animation: rise .2s ease-out; }
  .teaser b { display: block; font-size: 13px; color: var(--muted); }
  .phone.open { inset: 0 0 auto; height: 100dvh; }
  .phone.open .launcher { display: none; }
  .phone .panel, .phone.left .panel { inset: 0; width: auto; height: auto; border-radius: 0; background: linear-gradient(var(--accent) 50%, var(--bg) 50%);
    padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left); }
  .inline, .inline .panel { position: relative; inset: auto; width: 100%; height: 100%; border-radius: inherit; box-shadow: none; animation: none; }
  .inline .teaser { display: none; }
  @keyframes rise { from { opacity: 0; transform: translateY(10px); } }`;

/** @param {any} my what the loader shares */
export function show(my) {
  const { base, el, root } = my;
  const words = speak(my.lang, my.config.look.texts);
  my.style(STYLE);
  const frame = el('iframe', { src: base + 'frame', title: words.title || my.config.title, allow: 'clipboard-write' });
  const panel = el('div.panel', {}, frame);
  const teaser = el('button.teaser', { type: 'button', hidden: '', onclick: () => window.centralita('open') });
  let started = false; // the frame listens
  /** @type {any} */
  let focus; // the frame is to take the focus as soon as it listens
  let page = location.href;
  /** @type {string|null} */
  let overflow = null; // of the page, while a phone's panel covers it
  let shape = '';

  /** @param {string} t @param {object} [more] */
  function tell(t, more) {
    if (started && frame.contentWindow) frame.contentWindow.postMessage({ centralita: 1, t, ...more }, base.origin);
  }
  /** @param {MessageEvent} e */
  function heard(e) {
    const m = e.data;
    if (e.source !== frame.contentWindow || e.origin !== base.origin || !m || m.centralita !== 1) return;
    if (m.t === 'hello') begin();
    else if (m.t === 'set') my.remember(String(m.key), String(m.value));
    else if (m.t === 'close') my.close();
    else if (m.t === 'unread') my.count(Number(m.n) || 0);
    else if (m.t === 'event') {
      if (m.name === 'message') tease(m.detail);
      my.emit(m.name, m.detail);
    }
  }
  function begin() {
    started = true;
    panel.querySelector('.failed')?.remove();
    const { config, lang, rtl, font, who, phone, dark, inline, opened } = my;
    tell('start', { kept: my.remembered(), config, lang, rtl, font, who, page, phone, dark, inline: !!inline, opened, focus });
    focus = undefined;
  }
  /** @param {{agent?: string, text?: string}} m */
  function tease(m) {
    if (my.opened || !m.text) return;
    teaser.replaceChildren(el('b', {}, m.agent || words.agent), el('span', { dir: 'auto' }, m.text.length > 140 ? m.text.slice(0, 139) + '…' : m.text));
    teaser.hidden = false;
  }
  // On a phone the panel covers what one sees, the part above the keyboard, and what lies below does not scroll.
  function fit() {
    const over = my.opened && my.phone;
    const view = window.visualViewport;
    const html = document.documentElement.style;
    root.style.height = over && view ? view.height + 'px' : '';
    root.style.top = over && view ? view.offsetTop + 'px' : '';
    if (over && overflow === null) {
      overflow = html.overflow;
      html.overflow = 'hidden';
    } else if (!over && overflow !== null) {
      html.overflow = overflow;
      overflow = null;
    }
  }
  function drawn() {
    panel.hidden = !my.opened;
    if (my.opened || !my.unread) teaser.hidden = true;
    fit();
    const now = { phone: my.phone, dark: my.dark, inline: !!my.inline };
    if (shape !== (shape = JSON.stringify(now))) tell('shape', now);
  }

  my.listen(window, 'message', heard);
  if (window.visualViewport) for (const k of ['resize', 'scroll']) my.listen(window.visualViewport, k, fit);
  frame.addEventListener('load', () => setTimeout(() => {
    if (started || !frame.isConnected) return;
    panel.append(el('p.failed', { role: 'alert' }, words.unreachable));
    my.emit('error', { message: 'the chat does not come: is this page among the allowed origins, and ' + base.origin + ' in its frame-src?' });
  }, PATIENCE));
  const ticks = setInterval(() => page !== location.href && tell('page', { page: (page = location.href) }), 500);
  my.cleaners.push(() => clearInterval(ticks));
  my.drawn = drawn;
  root.prepend(panel, teaser);
  drawn();
  return {
    tell,
    /** @param {boolean} take the focus */
    open(take) {
      if (take) frame.focus();
      if (started) tell('open', { focus: take });
      else focus = take;
    },
  };
}
