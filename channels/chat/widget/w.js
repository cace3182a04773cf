// The loader, on the host's page:
//   <script async src="https://desk.example/channels/CHANNEL/w.js"></script>
// It draws the launcher, keeps in the page's own storage what the visitor's browser remembers, and answers centralita(…). The
// rest (panel.js, and in its frame the chat itself) comes when somebody opens it or a conversation is under way.
// docs/chat-widget.md is its reference.
(() => {
  const page = window;
  const tag = document.currentScript;
  const base = new URL('./', tag.src);
  const early = page.centralita;
  if (early?.base && (!early.gone || early.base === base.href)) { // a page that includes it twice gets one
    if (early.base !== base.href) console.warn('chat: this page has another one: remove it first');
    else if (early.gone) early('boot');
    return;
  }

  const ICONS = {
    chat: 'M12 3.5c-5.2 0-9.3 3.5-9.3 7.9 0 2.5 1.3 4.6 3.4 6.1L5.5 21l4.3-2.1c.7.1 1.4.2 2.2.2 5.2 0 9.3-3.5 9.3-7.9S17.2 3.5 12 3.5z',
    help: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.5 9.6a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.100.9-1.100 1.700M12 16.800v.1',
    mail: 'M4.500 5.500h15a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM4 7l8 6 8-6',
    down: 'M6 9l6 6 6-6',
  };
  const WORDS = {
    en: { launch: 'Open chat', close: 'Close chat', unread: 'unread messages' },
    es: { launch: 'Abrir el chat', close: 'Cerrar el chat', unread: 'mensajes sin leer' },
  };
  const FONTS = {
    system: 'system-ui, sans-serif',
    serif: 'Charter, Georgia, Cambria, serif',
    rounded: 'ui-rounded, "SF Pro Rounded", Quicksand, Nunito, "Varela Round", system-ui, sans-serif',
    mono: 'ui-monospace, "Cascadia Code", Menlo, Consolas, monospace',
  };
  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; margin: 0; }
    [hidden] { display: none !important; }
    .root { position: fixed; z-index: 2147483000; right: var(--x); bottom: calc(var(--y) + env(safe-area-inset-bottom)); font: 15px/1.45 var(--font); }
    .left { right: auto; left: var(--x); }
    button { font: inherit; color: inherit; border: 0; padding: 0; cursor: pointer; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    svg { width: 30px; height: 30px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    svg.solid { fill: currentColor; stroke-width: 1; }
    .launcher { position: relative; display: flex; align-items: center; gap: 8px; min-width: 60px; height: 60px; margin-left: auto; padding: 0 15px; border-radius: 30px; font-weight: 600;
      background: var(--accent); color: var(--ink); box-shadow: 0 6px 20px #0f172a47; transition: transform .15s; }
    .launcher:hover { transform: scale(1.05); }
    .left .launcher { margin-left: 0; }
    .launcher b:not(:empty) { padding-inline-end: 6px; }
    .root:not(.open) .launcher svg:nth-child(2), .open .launcher :is(svg:first-child, b), .launcher b:empty, .inline .launcher { display: none; }
    .badge { position: absolute; top: -4px; inset-inline-end: -4px; min-width: 23px; height: 23px; padding: 0 6px; border-radius: 12px; border: 2px solid #fff;
      background: #d92d20; color: #fff; font-size: 12px; font-weight: 700; line-height: 19px; text-align: center; }
    .dark .badge { border-color: #10151c; }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
    @media print { .root { display: none; } }`;

  const narrow = matchMedia('(max-width: 599px)');
  const night = matchMedia('(prefers-color-scheme: dark)');
  const prefix = 'centralita:' + base.pathname + ':';
  let storage;
  try {
    storage = localStorage;
  } catch {
    // not allowed here: what is remembered lasts as long as the page
  }
  const listeners = {};
  const cleaners = [];
  let launcher, badge, panel;
  let wanted; // true and false: what was asked for before there was anything to open
  let booting = 0; // counts: what belongs to an older boot is dropped
  let kept = {};

  // What panel.js shares with us.
  const my = {
    base, opened: false, unread: 0,
    el, emit, listen, cleaners, remembered, remember, close,
    get phone() {
      return narrow.matches && !my.inline;
    },
    get dark() {
      const { theme } = my.config.look;
      return theme === 'dark' || (theme !== 'light' && night.matches);
    },
    count(n) {
      if (n !== my.unread) emit('unread', n);
      my.unread = n;
      draw();
    },
  };

  function el(name, attrs, ...children) {
    const [kind, cls] = name.split('.');
    const e = document.createElement(kind);
    if (cls) e.className = cls;
    for (const k in attrs) k.startsWith('on') ? e.addEventListener(k.slice(2), attrs[k]) : e.setAttribute(k, attrs[k]);
    e.append(...children);
    return e;
  }
  function icon(path, cls) {
    const [svg, p] = ['svg', 'path'].map((k) => document.createElementNS('http://www.w3.org/2000/svg', k));
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('class', cls || '');
    p.setAttribute('d', path);
    svg.append(p);
    return svg;
  }
  // Black or white, whichever is easier to read on a colour (WCAG 2.2, relative luminance).
  function inkOn(hex) {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const c = parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    const light = 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    return 1.05 / light >= light / 0.05 ? '#fff' : '#10151c';
  }
  function listen(target, kind, fn) {
    target.addEventListener(kind, fn);
    cleaners.push(() => target.removeEventListener(kind, fn));
  }
  function emit(name, detail) {
    for (const fn of listeners[name] || []) {
      try {
        fn(detail);
      } catch (e) {
        reportError(e); // the page's own fault, told as such; the others are still called
      }
    }
  }

  // Everything that is remembered, by tabs of this site together.
  function remembered() {
    for (const k of Object.keys(storage || {})) if (k.startsWith(prefix)) kept[k.slice(prefix.length)] = storage.getItem(k);
    return kept;
  }
  function remember(key, value) {
    if (value) kept[key] = value;
    else delete kept[key];
    try {
      if (value) storage?.setItem(prefix + key, value);
      else storage?.removeItem(prefix + key);
    } catch {
      // full
    }
  }
  function forget() {
    for (const k of Object.keys(remembered())) remember(k, '');
    panel?.then((p) => p.tell('cleared'));
  }

  function draw() {
    if (!my.root) return;
    badge.hidden = my.opened || !my.unread;
    launcher.hidden = my.config.availability.show === 'hide' && !my.opened && !kept.begun;
    badge.textContent = my.unread > 9 ? '9+' : my.unread;
    my.root.className = ['root', my.opened && 'open', my.phone && 'phone', my.inline && 'inline', my.dark && 'dark', my.left && 'left'].filter(Boolean).join(' ');
    launcher.setAttribute('aria-expanded', my.opened);
    launcher.setAttribute('aria-label', my.words[my.opened ? 'close' : 'launch'] + (my.unread ? ` (${my.unread} ${my.words.unread})` : ''));
    my.drawn?.();
  }
  // The panel with the chat in it, once.
  function bring() {
    return (panel ||= import(base + 'a/' + my.config.version + '/panel.js').then((m) => m.show(my)).catch((e) => {
      panel = undefined; // the next press tries again
      fault(e);
      throw e;
    }));
  }
  function fault(e) {
    console.warn('chat: ' + e.message);
    emit('error', { message: e.message });
  }
  async function open(focus = true) {
    wanted = true;
    if (!my.root || my.opened) return;
    my.opened = true;
    if (!my.inline) remember('open', '1');
    draw();
    emit('opened');
    const run = booting;
    try {
      (await bring()).open(focus);
    } catch {
      if (run === booting) close();
    }
  }
  function close() {
    wanted = false;
    if (!my.opened || my.inline) return;
    const inside = my.host.shadowRoot.activeElement;
    my.opened = false;
    remember('open', '');
    draw();
    panel?.then((p) => p.tell('closed'), () => {});
    if (inside) launcher.focus();
    emit('closed');
  }

  async function boot() {
    if (booting > 0) return;
    my.gone = centralita.gone = false;
    const run = (booting = -booting + 1);
    try {
      const resp = await fetch(base + 'v1/config', { credentials: 'omit' });
      const config = await resp.json();
      if (!resp.ok) throw new Error(config.message);
      if (!document.body) await new Promise((r) => addEventListener('DOMContentLoaded', r));
      if (run === booting) build(config);
    } catch (e) {
      if (run === booting) booting = -booting; // a later boot may try again
      fault(e);
    }
  }
  function build(config) {
    my.config = config;
    const { look } = config;
    const own = { ...WORDS, ...look.texts };
    my.lang = [tag.dataset.lang, config.locale, ...(navigator.languages || [])].flatMap((l) => [l, l?.split('-')[0]]).find((l) => own[l]) || 'en';
    my.words = { ...(WORDS[my.lang] || WORDS.en), ...own[my.lang] };
    my.rtl = /^(ar|fa|he|ur|ckb|dv|ps|sd|ug|yi)\b/.test(my.lang);
    my.left = (look.position || (my.rtl ? 'left' : 'right')) === 'left';
    my.font = FONTS[look.font] || FONTS.system;
    my.host = el('centralita-chat');
    const shadow = my.host.attachShadow({ mode: 'open' });
    my.style = (css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
    };
    my.style(STYLE);
    badge = el('span.badge');
    launcher = el('button.launcher', { type: 'button', 'aria-haspopup': 'dialog', onclick: toggle, onpointerenter: () => bring().catch(() => {}) },
      icon(ICONS[look.icon] || ICONS.chat, (look.icon || 'chat') === 'chat' && 'solid'), icon(ICONS.down), el('b', {}, my.words.launcher || look.launcher || ''), badge);
    my.root = el('div', { lang: my.lang, dir: my.rtl ? 'rtl' : 'ltr' }, launcher);
    const vars = { accent: config.color, ink: inkOn(config.color), x: (look.offset_x || 20) + 'px', y: (look.offset_y || 20) + 'px', font: my.font };
    for (const k in vars) my.root.style.setProperty('--' + k, vars[k]);
    shadow.append(my.root);
    draw();
    attach();
    listen(page, 'storage', (e) => {
      if (e.storageArea !== storage || !e.key?.startsWith(prefix)) return;
      const key = e.key.slice(prefix.length);
      if (e.newValue) kept[key] = e.newValue;
      else delete kept[key];
      panel?.then((p) => p.tell('stored', { key, value: e.newValue || '' }), () => {});
    });
    for (const q of [narrow, night]) listen(q, 'change', draw);
    const ticks = setInterval(attach, 500);
    cleaners.push(() => clearInterval(ticks));
    my.ready = true;
    emit('ready');
    const begun = remembered().begun || Object.keys(kept).some((k) => k.startsWith('out:'));
    if (my.inline || wanted) open(wanted === true);
    else if (wanted === undefined && kept.open && !narrow.matches) open(false);
    else if (begun) bring().catch(() => {});
  }
  // Pages that are applications take our element away with the rest of the body: it comes back.
  function attach() {
    const into = my.inline ? document.querySelector(my.inline) : document.body;
    if (into && my.host.parentNode !== into) into.append(my.host);
  }
  function toggle() {
    my.opened ? close() : open();
  }
  function remove() {
    booting = -Math.abs(booting);
    centralita.gone = true;
    my.opened = my.ready = false;
    my.drawn?.();
    for (const c of cleaners.splice(0)) c();
    my.host?.remove();
    my.root = my.drawn = panel = wanted = undefined;
    my.unread = 0;
  }

  const commands = {
    boot, open, close, toggle, remove,
    unread: () => my.unread,
    identify(who) {
      my.who = typeof who === 'string' ? { jwt: who } : who;
      panel?.then((p) => p.tell('identify', { who: my.who }), () => {});
    },
    logout() {
      my.who = undefined;
      forget();
    },
    clear: forget,
    inline(selector) {
      my.inline = selector;
      if (!my.root) return;
      attach();
      draw();
      open(false);
    },
    on(name, fn) {
      (listeners[name] ||= new Set()).add(fn);
      if (name === 'ready' && my.ready) fn();
      return () => commands.off(name, fn);
    },
    off: (name, fn) => listeners[name]?.delete(fn),
  };
  function centralita(name, ...args) {
    if (Object.hasOwn(commands, name)) return commands[name](...args);
    console.warn('chat: there is no command ' + name + ', there are ' + Object.keys(commands).join(', '));
  }
  centralita.base = base.href;
  page.centralita = centralita;
  my.inline = tag.dataset.inline;
  for (const args of early?.q || []) centralita(...args);
  if (!('manual' in tag.dataset)) setTimeout(boot, (Number(tag.dataset.delay) || 0) * 1000);
})();
