// Pages that stay open: a list renews itself and leaves one's place, choice and text alone; a task says when it is no
// longer one's own to do. What is typed stays where it is.
(() => {
  const EVERY = 30_000; // milliseconds; the list's own attribute says the same
  const say = text => {
    const line = document.createElement('p');
    line.className = 'toast';
    line.textContent = text;
    document.getElementById('status')?.replaceChildren(line);
  };

  // --- a list: not renewed under somebody who writes into it or has a menu of it open
  const live = document.querySelector('[data-live]');
  const list = () => document.querySelector('[data-live]');
  const boxes = () => [...list().querySelectorAll('[data-check]')];
  const writes = () => list().querySelector('details[open]') || list().querySelector('input:not([type=checkbox]):focus, select:focus')
    || [...list().querySelectorAll('.bulk input')].some(field => field.value);
  const named = box => list().querySelector(`[name="no-${CSS.escape(box.value)}"]`)?.value ?? '';
  let chosen = new Map();
  let focused = null;
  if (live) {
    document.addEventListener('htmx:before:request', event => { if (writes()) event.preventDefault(); });
    document.addEventListener('htmx:before:swap', () => {
      chosen = new Map(boxes().filter(box => box.checked).map(box => [box.value, named(box)]));
      const row = document.activeElement?.closest?.('tr[id]');
      focused = row && { id: row.id, at: [...row.querySelectorAll('a, button, input')].indexOf(document.activeElement) };
    });
    document.addEventListener('htmx:after:swap', () => {
      const there = new Map(boxes().map(box => [box.value, box]));
      chosen.forEach((_, key) => { if (there.has(key)) there.get(key).checked = true; });
      list().querySelector('[data-check]')?.dispatchEvent(new Event('change', { bubbles: true }));
      if (focused && !list().contains(document.activeElement)) {
        document.getElementById(focused.id)?.querySelectorAll('a, button, input')[focused.at]?.focus({ preventScroll: true });
      }
      const gone = [...chosen].filter(([key]) => !there.has(key)).map(([, name]) => name);
      if (gone.length) say(live.dataset.gone.replace('{names}', gone.join('、')));
    });
    document.addEventListener('htmx:response:error', ({ detail }) => {
      if (detail.ctx.response.status === 401) say(live.dataset.ended);
    });
  }

  // --- a task
  const now = document.querySelector('[data-now]');
  const ask = async () => {
    if (document.hidden) return;
    const answer = await fetch(now.dataset.now, { headers: { Accept: 'application/json' } }).catch(() => null);
    const { message = '' } = await answer?.json().catch(() => ({})) ?? {};
    now.textContent = message;
    now.hidden = !message;
  };
  if (now) { setInterval(ask, EVERY); document.addEventListener('visibilitychange', ask); }
})();
