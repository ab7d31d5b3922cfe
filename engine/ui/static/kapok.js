// Small manners of every page: theme, dialogs, print, menus. Pages work without it, except where a form needs its script.
(() => {
  const on = (selector, event, work) => document.addEventListener(event, found => {
    const target = found.target.closest?.(selector);
    if (target) work(target, found);
  });
  const dark = () => document.documentElement.dataset.theme === 'dark'
    || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);

  on('[data-theme-toggle]', 'click', () => {
    const next = dark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    document.cookie = `kapok_theme=${next}; path=/; max-age=31536000; SameSite=Lax`;
  });
  on('[data-print]', 'click', () => window.print());
  on('[data-back]', 'click', () => history.back());
  on('dialog [data-close]', 'click', button => button.closest('dialog').close());
  on('[data-fill-name]', 'click', ({ dataset }) => {
    document.getElementById('name').value = dataset.fillName;
    document.getElementById('password').value = dataset.fillPassword;
    document.querySelector('#sign-in button').focus();
  });
  document.addEventListener('click', event => document.querySelectorAll('details.menu[open]').forEach(menu => {
    if (!menu.contains(event.target)) menu.open = false;
  }));
  document.addEventListener('keydown', event => {
    const menu = event.key === 'Escape' && document.querySelector('details.menu[open]');
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
  });
  // Chosen rows of a list: how many, all of them at once.
  const chosen = () => document.querySelectorAll('[data-check]:checked').length;
  const count = () => document.querySelectorAll('[data-count]').forEach(place => {
    place.textContent = place.dataset.count.replace('{n}', chosen());
  });
  on('[data-check-all]', 'change', all => {
    document.querySelectorAll('[data-check]').forEach(box => { box.checked = all.checked; });
    count();
  });
  on('[data-check]', 'change', count);
  document.addEventListener('reset', () => setTimeout(() => {
    document.querySelectorAll('[data-check-all]').forEach(box => { box.checked = false; });
    count();
  }));
  // From a list into one of its tasks and on to the next: the list's own order, kept for this window.
  const list = document.querySelector('[data-list]');
  const keep = () => sessionStorage.setItem('kapok-list', JSON.stringify({
    first: Number(list.dataset.first), total: list.dataset.total, back: location.pathname + location.search,
    rows: [...list.querySelectorAll('[data-row]')].map(link => link.getAttribute('href')) }));
  if (list) addEventListener('pagehide', keep);
  const beside = document.querySelector('[data-beside]');
  const kept = JSON.parse((beside && sessionStorage.getItem('kapok-list')) || 'null');
  const at = kept ? kept.rows.indexOf(location.pathname) : -1;
  if (at >= 0) {
    beside.querySelector('[data-place]').textContent = beside.dataset.beside
      .replace('{n}', kept.first + at).replace('{total}', kept.total);
    for (const [name, row] of [['prev', kept.rows[at - 1]], ['next', kept.rows[at + 1]]]) {
      const link = beside.querySelector(`[rel=${name}]`);
      if (row) link.href = row; else link.setAttribute('aria-disabled', 'true');
    }
    document.querySelector('[data-back-to-list]').href = kept.back;
    beside.hidden = false;
  }
  // What is open now is seen in a row that is longer than the window.
  document.querySelectorAll(':is(.tabs, .side, .pills) [aria-current]').forEach(here => {
    const row = here.closest('ul, nav');
    row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - here.offsetWidth) / 2;
  });
  // What is larger than its place is moved by keys: it can be reached then, and says what it is.
  const moving = new ResizeObserver(found => found.forEach(({ target: box }) => {
    const moves = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    const name = (box.querySelector('caption') ?? box.closest('.card')?.querySelector('h2'))?.textContent ?? document.title;
    for (const [key, value] of [['tabindex', 0], ['role', 'group'], ['aria-label', name]]) {
      if (moves) box.setAttribute(key, value); else box.removeAttribute(key);
    }
  }));
  document.querySelectorAll('.scroll, pre.code').forEach(box => moving.observe(box));
  const steps = document.getElementById('steps');
  const unfold = () => { if (steps && location.hash === '#steps') steps.open = true; };
  addEventListener('hashchange', unfold);
  unfold();
  const toast = document.querySelector('.toast');
  if (toast) setTimeout(() => toast.remove(), 8000);
})();
