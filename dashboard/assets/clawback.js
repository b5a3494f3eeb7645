// What a script adds to pages that work without one: theme, keys, copying, dismissing, and
// numbers that follow the mail. Nothing here decides anything; every form is the server's.
(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const html = document.documentElement;

  // Controls that need a script are hidden until there is one.
  const wake = root => $$('[data-theme-toggle],[data-dialog],[data-copy]', root)
    .forEach(node => { node.hidden = false; });
  const announce = text => { const node = $('[data-announce]'); if (node) node.textContent = text; };

  const isDark = () => (html.dataset.theme
    || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const toggleTheme = () => {
    html.dataset.theme = isDark() ? 'light' : 'dark';
    document.cookie = `clawback_theme=${html.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  };
  const openDialog = id => { const node = document.getElementById(id); if (node && !node.open) node.showModal(); };

  document.addEventListener('click', event => {
    $$('details.menu[open]').forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
    const node = event.target.closest(
      '[data-theme-toggle],[data-dialog],[data-close],[data-copy],[data-dismiss],[data-nav-toggle]');
    if (!node) {
      if (html.dataset.nav && !event.target.closest('.nav')) delete html.dataset.nav;
      return;
    }
    const data = node.dataset;
    if ('themeToggle' in data) toggleTheme();
    if (data.dialog) openDialog(data.dialog);
    if ('close' in data) node.closest('dialog').close();
    if (data.copy) {
      navigator.clipboard?.writeText(data.copy).then(() => {
        node.classList.add('copied');
        announce('Copied');
        setTimeout(() => node.classList.remove('copied'), 1500);
      });
    }
    if ('dismiss' in data) {
      event.preventDefault();
      node.closest('.note')?.remove();
      if (node.href) history.replaceState(null, '', node.href);
      $('#main')?.focus();
    }
    if ('navToggle' in data) html.dataset.nav = html.dataset.nav ? '' : 'open';
  });
  document.addEventListener('change', event => {
    if ('submit' in event.target.dataset) event.target.form.requestSubmit();
  });

  // Rows: a cursor that is separate from the pointer.
  const rows = () => $$('table[data-rows] tbody tr');
  let cursor = null;
  const mark = () => rows().forEach(row => row.classList.toggle('cursor', row.dataset.key === cursor));
  const move = step => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex(row => row.dataset.key === cursor);
    const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))];
    cursor = next.dataset.key;
    mark();
    next.scrollIntoView({ block: 'nearest' });
    announce(next.innerText.replace(/\s+/g, ' '));
  };
  const openRow = () => {
    const row = rows().find(one => one.dataset.key === cursor);
    if (row) location.assign(row.dataset.href);
  };

  const places = { o: '/', t: '/trace', j: '/jobs' };
  let chord = 0;
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      $$('details.menu[open]').forEach(menu => { menu.open = false; $('summary', menu).focus(); });
      delete html.dataset.nav;
      if (event.target.matches('[data-search]')) event.target.blur();
      return;
    }
    const typing = event.target.matches('input:not([type=radio],[type=checkbox]),textarea,select');
    if (event.ctrlKey || event.metaKey || event.altKey || typing || $('dialog[open]')) return;
    const key = event.key;
    if (Date.now() - chord < 900) {
      chord = 0;
      if (places[key]) location.assign(places[key]);
      return;
    }
    if (key === 'g') chord = Date.now();
    else if (key === '/') {
      event.preventDefault();
      const search = $$('[data-search]').find(node => node.offsetParent);
      if (search) search.focus(); else location.assign('/trace');
    } else if (key === '?') openDialog('shortcuts');
    else if (key === 'j') move(1);
    else if (key === 'k') move(-1);
    else if (key === 'o' || (key === 'Enter' && !event.target.closest('a,button,summary,input'))) openRow();
  });

  // Retract settings: what would change, before it is saved.
  const settings = $('form[data-settings]');
  if (settings && $('.savebar', settings)) {
    const radios = () => $$('input[type=radio]:checked', settings);
    const changed = () => radios().filter(radio => radio.value !== $('.was', radio.closest('tr')).dataset.was);
    const show = () => {
      radios().forEach(radio => {
        const was = $('.was', radio.closest('tr'));
        was.hidden = radio.value === was.dataset.was;
      });
      const all = changed();
      const words = all.map(radio => radio.getAttribute('aria-label').replace(': ', ' → ')).join(', ');
      $('[data-changes]', settings).textContent = all.length
        ? `${all.length} unsaved ${all.length === 1 ? 'change' : 'changes'}: ${words}` : 'Nothing is changed yet.';
    };
    let leaving = false;
    settings.addEventListener('change', show);
    settings.addEventListener('submit', () => { leaving = true; });
    settings.addEventListener('click', event => { if (event.target.closest('a')) leaving = true; });
    addEventListener('beforeunload', event => { if (!leaving && changed().length) event.preventDefault(); });
    show();
  }

  // Live: the page is asked for again, and only parts that differ are put in. Rows that are
  // there stay where they are; new ones wait behind a button, so that nothing moves under a hand.
  const EVERY = 2000, SLOWEST = 30000;
  const table = $('table[data-rows]');
  const state = $('[data-live-state]');
  const live = $$('[data-live]').length > 0 || table;
  let wait = EVERY, timer = 0, lastGood = Date.now();

  const tell = (tone, text) => {
    if (!state) return;
    state.hidden = false;
    $('.dot', state).className = `dot ${tone}`;
    $('[data-live-text]', state).textContent = text;
  };
  const busy = node => node.contains(document.activeElement) && document.activeElement !== document.body
    && !node.contains($('#main:focus'));
  const put = (old, fresh) => {
    if (old.innerHTML === fresh.innerHTML || busy(old)) return;
    old.replaceChildren(...[...fresh.childNodes].map(node => document.importNode(node, true)));
    wake(old);
  };
  const putRows = fresh => {
    const news = $$('table[data-rows] tbody tr', fresh);
    const mine = new Map(rows().map(row => [row.dataset.key, row]));
    let unseen = 0;
    news.forEach(row => {
      const old = mine.get(row.dataset.key);
      if (old) put(old, row); else if (mine.size) unseen += 1;
    });
    const button = $('[data-new]');
    if (button && table && 'first' in table.dataset && unseen) {
      const text = `${unseen}${unseen === news.length ? '+' : ''} new ${unseen === 1 ? 'message' : 'messages'}`;
      $('[data-new-text]', button).textContent = text;
      button.hidden = false;
    }
  };
  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, {
      headers: { 'X-Clawback-Live': '1' }, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(10000),
    });
    if (answer.status === 401) { location.assign('/login?ended=1&next=' + encodeURIComponent(location.pathname + location.search)); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    $$('[data-live]').forEach(old => {
      const node = $(`[data-live="${old.dataset.live}"]`, fresh);
      if (node) put(old, node);
    });
    if (table) putRows(fresh);
    else if ($('table[data-rows]', fresh)) { location.reload(); return; }
    mark();
    lastGood = Date.now();
    wait = EVERY;
    tell('ok', 'Live');
  };
  const loop = () => {
    refresh().catch(() => {
      wait = Math.min(wait * 2, SLOWEST);
      const age = Math.round((Date.now() - lastGood) / 1000);
      tell('warn', age > 20 ? `Reconnecting · numbers are ${age} s old` : 'Reconnecting');
    }).finally(() => { timer = setTimeout(loop, wait); });
  };
  if (live && !settings) {
    tell('ok', 'Live');
    timer = setTimeout(loop, EVERY);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) { clearTimeout(timer); loop(); }
    });
  }
  wake(document);
})();
