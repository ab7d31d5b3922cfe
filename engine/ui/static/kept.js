// Nothing typed is lost: what a form holds that has not been carried out stays in this tab, for its own account, and is
// filled in again when the form is shown. It is forgotten once a page says that it was done, or when one signs out.
(() => {
  const tried = work => { try { return work(); } catch { return null; } };
  const store = { get: key => tried(() => JSON.parse(sessionStorage.getItem(key))),
    set: (key, value) => tried(() => sessionStorage.setItem(key, JSON.stringify(value))),
    drop: key => tried(() => sessionStorage.removeItem(key)) };
  const who = document.body.dataset.who;
  const SENT = 'kapok-sent';
  const words = document.querySelector('template#kept');
  const plain = [...document.querySelectorAll('main form[method=post]:not([data-send], [data-unkept])')]
    .filter(form => !form.querySelector('[type=password], [autocomplete=one-time-code]'));
  const shown = form => [...form.elements].filter(control => control.name && control.type !== 'hidden' && control.type !== 'submit');
  const written = form => shown(form).some(({ type }) => !['checkbox', 'radio', 'select-one', 'button'].includes(type));
  const action = form => form.getAttribute('action') || location.pathname;
  const keyOf = form => `kapok-typed:${who}:${action(form)}:${plain.filter(other => action(other) === action(form)).indexOf(form)}`;

  const keep = form => store.set(keyOf(form), shown(form).map(control => [control.name,
    control.type === 'file' ? [...control.files].map(file => file.name)
      : ['checkbox', 'radio'].includes(control.type) ? control.checked : control.value]));

  function fill(form, kept) {
    const left = [...kept];
    for (const control of shown(form)) {
      const at = left.findIndex(([name]) => name === control.name);
      if (at < 0) continue;
      const [[, value]] = left.splice(at, 1);
      if (control.type === 'file') { if (value.length) again(control, value); }
      else if (['checkbox', 'radio'].includes(control.type)) control.checked = value;
      else control.value = value;
    }
    for (let around = form.closest('details'); around; around = around.parentElement.closest('details')) around.open = true;
    const note = words.content.querySelector('[data-note]').cloneNode(true);
    note.querySelector('button').addEventListener('click', () => { store.drop(keyOf(form)); form.reset(); note.remove(); });
    form.prepend(note);
  }

  function again(control, names) {
    const note = words.content.querySelector('[data-file]').cloneNode(true);
    note.querySelector('[data-names]').textContent = names.join('、');
    (control.closest('label') ?? control).after(note);
  }

  if (who && words) {
    const sent = tried(() => sessionStorage.getItem(SENT));
    if (sent && document.querySelector('.toast')) store.drop(sent);
    store.drop(SENT);
    for (const form of plain.filter(written)) {
      const kept = store.get(keyOf(form));
      if (kept) fill(form, kept);
      form.addEventListener('input', () => keep(form));
      form.addEventListener('reset', () => store.drop(keyOf(form)));
    }
    document.addEventListener('submit', ({ target }) => {
      if (target.getAttribute('action')?.endsWith('/sign-out')) Object.keys(sessionStorage).filter(key => key.startsWith('kapok-')).forEach(store.drop);
      else if (plain.includes(target)) tried(() => sessionStorage.setItem(SENT, keyOf(target)));
      else if (target.matches('[data-send]')) tried(() => sessionStorage.setItem(SENT, document.querySelector('[data-form]')?.dataset.kept ?? ''));
    });
  }
  document.addEventListener('click', async ({ target }) => {
    const button = target.closest?.('[data-copy]');
    if (!button) return;
    const text = document.querySelector(button.dataset.copy);
    text.select();
    await tried(() => navigator.clipboard.writeText(text.value)) ?? document.execCommand('copy');
    button.textContent = button.dataset.copied;
  });
})();
