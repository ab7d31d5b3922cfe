// The task page's form: form-js draws the schema, this file carries data to and from the page round it.
// Host element: <div data-form data-schema='…' data-values='…' data-problems='[{"field","message"}]' data-draft="/url">.
import { Form } from '@bpmn-io/form-js-viewer';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import { Files } from './files.js';
import { kapokText } from './texts.js';

const DRAFT_AFTER = 1500; // milliseconds without a change before a draft is sent
const OUTLIVES = 60_000; // bytes that a request may carry which outlives its page; browsers refuse more than 64 KiB
const OurFiles = { __init__: [['formFields', fields => fields.register('filepicker', Files)]] };
const parse = text => JSON.parse(text || 'null');
const words = name => document.querySelector('[data-words]')?.dataset[name] ?? '';

const fieldByKey = (form, key) => form.get('formFieldRegistry').getAll().find(field => (field.key ?? field.path) === key);
const controlOf = (host, form, field) => host.querySelector(`[id="${CSS.escape(`fjs-form-${form._id}-${field.id}`)}"]`)
  ?? host.querySelector(`[data-id="${CSS.escape(field.id)}"] :is(input, select, textarea)`);

function summary(host, form, list, problems) {
  list.hidden = problems.length === 0;
  list.querySelector('ul').replaceChildren(...problems.map(({ field, label, message }) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = '#form';
    link.textContent = label ? `${label}：${message}`.replace('：', host.dataset.colon) : message;
    link.addEventListener('click', event => {
      event.preventDefault();
      const target = field && controlOf(host, form, field);
      if (target) { target.focus(); target.scrollIntoView({ block: 'center' }); }
    });
    item.append(link);
    return item;
  }));
  list.querySelector('b').textContent = problems.some(({ field, label }) => !field && !label)
    ? list.dataset.refused : list.dataset.title.replace('{n}', problems.length);
  if (problems.length) { list.focus(); list.scrollIntoView({ block: 'nearest' }); }
}

const ownProblems = (form, errors) => Object.entries(errors).flatMap(([id, messages]) => {
  const field = form.get('formFieldRegistry').get(id);
  return [messages].flat(Infinity).filter(text => typeof text === 'string').map(message => ({ field, label: field?.label ?? field?.dateLabel, message }));
});

const valueAt = (data, key) => key.split('.').reduce((value, part) => value?.[part], data);

// What the server found stands at its field until the field's value changes; it never keeps one from sending again.
function serverProblems(form, told) {
  const open = new Map();
  const problems = told.map(({ field: key, message }) => {
    const field = fieldByKey(form, key);
    if (field) open.set(field.id, { key, messages: [...(open.get(field.id)?.messages ?? []), message], was: JSON.stringify(valueAt(form._getState().data, key)) });
    return { field, label: field?.label ?? field?.dateLabel ?? key, message };
  });
  const show = () => {
    const { data, errors } = form._getState();
    const missing = {};
    for (const [id, { key, messages, was }] of open) {
      if (JSON.stringify(valueAt(data, key)) !== was) open.delete(id);
      else if (!errors[id]?.length) missing[id] = messages;
    }
    if (Object.keys(missing).length) form._setState({ errors: { ...errors, ...missing } });
  };
  form.on('changed', show);
  show();
  return problems;
}

// What the server has not got yet stays in this tab, for its own account: a session that ends in mid-form, or a network
// that is gone, takes nothing away. `kept.js` forgets it once a page says that it was done.
function local(host) {
  const key = `kapok-draft:${host.dataset.who}:${host.dataset.draft || document.querySelector('form[data-send]')?.getAttribute('action')}`;
  host.dataset.kept = key;
  const tried = work => { try { return work(); } catch { return null; } };
  return {
    keep: values => tried(() => sessionStorage.setItem(key, values)),
    read: () => tried(() => parse(sessionStorage.getItem(key))),
    drop: () => tried(() => sessionStorage.removeItem(key)),
  };
}

function autosave(host, form) {
  const { draft, token } = host.dataset;
  const state = document.querySelector('[data-draft-state]');
  const here = local(host);
  let timer = null;
  let over = false;
  let last = JSON.stringify(form._getSubmitData());
  const values = () => JSON.stringify(form._getSubmitData());
  // false when sending the form now would lose it: nobody is signed in, or nobody is there
  const save = async () => {
    const now = values();
    if (now === last && !here.read()) return true;
    here.keep(now);
    if (!draft) return true;
    try {
      const body = new Blob([now]);
      const answer = await fetch(draft, { method: 'PUT', body, keepalive: body.size < OUTLIVES, headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token } });
      if (answer.status === 401) { state.textContent = words('draftEnded'); return false; }
      if (!answer.ok) { // somebody was quicker, or the page is too old: said at once; sending it tells the same, with what was typed
        state.textContent = (await answer.json().catch(() => ({}))).message ?? words('draftFailed');
        return true;
      }
      last = now;
      here.drop();
      state.textContent = words('draftSaved').replace('{time}', (await answer.json()).at);
      return true;
    } catch {
      state.textContent = words('draftFailed');
      return false;
    }
  };
  form.on('changed', () => { clearTimeout(timer); timer = setTimeout(() => over || save(), DRAFT_AFTER); });
  addEventListener('pagehide', () => { clearTimeout(timer); if (!over) save(); });
  return async () => { clearTimeout(timer); const kept = await save(); over = kept; return kept; };
}

function wire(host, form) {
  const list = document.querySelector('[data-problems-list]');
  const keepDraft = autosave(host, form);
  const told = parse(host.dataset.problems) ?? [];
  if (told.length) summary(host, form, list, serverProblems(form, told));
  sending(() => {
    const { data, errors } = form.submit();
    const problems = ownProblems(form, errors);
    summary(host, form, list, problems);
    return problems.length ? null : data;
  }, keepDraft);
}

// The button checks, the dialog asks once more, a plain form carries the values to the server.
function sending(collect, before = async () => true) {
  const button = document.querySelector('[data-submit]');
  const out = document.querySelector('form[data-send]');
  const dialog = document.querySelector('dialog[data-confirm]');
  button?.addEventListener('click', () => {
    const data = collect();
    if (!data) return;
    out.elements.values.value = JSON.stringify(data);
    dialog.showModal();
  });
  dialog?.querySelector('[data-sure]').addEventListener('click', async event => {
    const sure = event.currentTarget;
    sure.disabled = true;
    if (await before()) out.requestSubmit();
    else { sure.disabled = false; dialog.close(); button.focus(); }
  });
}

const hosts = document.querySelectorAll('[data-form]');
if (!hosts.length) sending(() => ({}));
for (const host of hosts) {
  // Without debounce, because an upload that ends while somebody types would put the text back to what it was.
  const form = new Form({ container: host, additionalModules: [OurFiles], debounce: false });
  const readOnly = host.hasAttribute('data-readonly');
  if (readOnly) form.setProperty('readOnly', true);
  const told = parse(host.dataset.problems) ?? [];
  const typed = readOnly || told.length ? null : local(host).read();
  form.importSchema(parse(host.dataset.schema), { ...parse(host.dataset.values), ...typed }).then(({ warnings }) => {
    warnings?.forEach(warning => console.warn(warning));
    host.querySelector('form')?.setAttribute('aria-label', host.dataset.label ?? '');
    if (!readOnly) wire(host, form);
    host.dataset.ready = 'true';
  });
}
