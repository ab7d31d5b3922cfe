// A note's @: names of colleagues who see the case, chosen by keys or pointer; without it one types the account or name.
(() => {
  const UNDER_WAY = /@([\p{L}\p{N}_.-]{0,64})$/u; // what stands before the cursor
  const AFTER = 150; // milliseconds without a key before the names are asked for
  for (const text of document.querySelectorAll('textarea[data-mention]')) {
    const list = Object.assign(document.createElement('ul'), { id: `mention-${crypto.randomUUID()}`, className: 'mentions card', hidden: true });
    const told = Object.assign(document.createElement('span'), { className: 'sr', role: 'status' });
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', '@');
    text.setAttribute('aria-autocomplete', 'list');
    text.setAttribute('aria-controls', list.id);
    text.after(list);
    text.closest('form').append(told);
    let at = 0;
    let timer = null;
    let asked = 0;
    const before = () => text.value.slice(0, text.selectionStart).match(UNDER_WAY);
    const close = () => { asked += 1; list.hidden = true; text.removeAttribute('aria-activedescendant'); told.textContent = ''; };
    const mark = to => {
      at = (to + list.children.length) % list.children.length;
      [...list.children].forEach((item, place) => item.setAttribute('aria-selected', place === at));
      text.setAttribute('aria-activedescendant', list.children[at].id);
    };
    const choose = item => {
      const found = before();
      if (found) text.setRangeText(`@${item.dataset.mention} `, text.selectionStart - found[0].length, text.selectionStart, 'end');
      close();
      text.dispatchEvent(new Event('input', { bubbles: true }));
      text.focus();
    };
    const show = people => {
      list.replaceChildren(...people.map(({ mention, name, id }, place) => {
        const item = Object.assign(document.createElement('li'), { id: `${list.id}-${place}`, textContent: name === id ? name : `${name} ${id}` });
        item.setAttribute('role', 'option');
        item.dataset.mention = mention;
        item.addEventListener('pointerdown', event => { event.preventDefault(); choose(item); });
        return item;
      }));
      if (!people.length) { close(); return; }
      list.hidden = false;
      told.textContent = text.dataset.found.replace('{n}', people.length);
      mark(0);
    };
    text.addEventListener('input', () => {
      clearTimeout(timer);
      const found = before();
      if (!found) { close(); return; }
      timer = setTimeout(async () => {
        const mine = ++asked;
        const answer = await fetch(`${text.dataset.mention}?q=${encodeURIComponent(found[1])}`, { headers: { Accept: 'application/json' } }).catch(() => null);
        const { items = [] } = answer?.ok ? await answer.json() : {};
        if (mine === asked) show(items);
      }, AFTER);
    });
    text.addEventListener('keydown', event => {
      if (list.hidden) return;
      const act = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Enter: () => choose(list.children[at]),
        Tab: () => choose(list.children[at]), Escape: close }[event.key];
      if (act) { event.preventDefault(); event.stopPropagation(); act(); }
    });
    text.addEventListener('blur', close);
  }
})();
