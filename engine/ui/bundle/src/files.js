// The file field: a file goes to the server when chosen, and the fingerprint the server computed is shown beside its name.
// Its value is a list of {sha256, name, size, media}; the form is submitted with these, not with bytes.
import { Description, Errors, Label } from '@bpmn-io/form-js-viewer';
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { kapokText } from './texts.js';

const KIB = 1024;
const sizeText = bytes => bytes < KIB ? `${bytes} B` : bytes < KIB * KIB ? `${(bytes / KIB).toFixed(1)} KiB` : `${(bytes / KIB / KIB).toFixed(1)} MiB`;

const fingerprint = async file => {
  if (!globalThis.crypto?.subtle) return null; // only there on https and localhost; the server's own figure always is
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
};

const upload = async file => {
  const { url, token } = document.querySelector('[data-upload]').dataset;
  const body = new FormData();
  body.append('file', file, file.name);
  let answer;
  try {
    answer = await fetch(url, { method: 'POST', body, headers: { 'X-CSRFToken': token, Accept: 'application/json' } });
  } catch {
    throw new Error(kapokText('The connection was lost; nothing was saved. Try again.'));
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.message ?? kapokText('The server answered with {0}.', answer.status));
  const own = await fingerprint(file);
  if (own && own !== told.sha256) throw new Error(kapokText('The fingerprint computed here differs from the server\'s; upload it again.'));
  return told;
};

export function Files({ field, domId, errors = [], disabled, readonly, value, onChange }) {
  const [busy, setBusy] = useState(null);
  const [failure, setFailure] = useState(null);
  const { label, description, multiple = false, accept = '', validate = {} } = field;
  const files = Array.isArray(value) ? value : [];
  const fixed = disabled || readonly;

  const onFiles = async event => {
    const input = event.target;
    let kept = multiple ? files : [];
    setFailure(null);
    for (const file of Array.from(input.files)) {
      setBusy(file.name);
      try {
        const staged = await upload(file);
        kept = [...kept.filter(({ sha256 }) => sha256 !== staged.sha256), staged];
        onChange({ field, value: kept });
      } catch (error) {
        setFailure(`${file.name}: ${error.message}`);
      }
    }
    setBusy(null);
    input.value = '';
  };
  const drop = sha256 => onChange({ field, value: files.filter(file => file.sha256 !== sha256) });

  return h('div', { class: `fjs-form-field fjs-form-field-filepicker kapok-files${errors.length ? ' fjs-has-errors' : ''}` },
    h(Label, { id: `${domId}-label`, htmlFor: domId, label, required: validate.required }),
    files.length > 0 && h('ul', { class: 'kapok-filelist' }, files.map(({ sha256, name, size }) => h('li', { key: sha256 },
      h('b', null, name), ' ', h('span', { class: 'mute small nb' }, sizeText(size)),
      !fixed && h('button', { type: 'button', class: 'btn sm bare', 'aria-label': kapokText('Remove {0}', name), onClick: () => drop(sha256) }, '×'),
      h('code', { class: 'hash', title: sha256 }, kapokText('SHA-256 {0}', sha256))))),
    h('div', { class: 'kapok-filerow' },
      h('input', { type: 'file', id: domId, class: 'kapok-fileinput', disabled: fixed || busy !== null, multiple, accept: accept || undefined,
        onChange: onFiles, 'aria-describedby': `${domId}-error-message ${domId}-state` }),
      h('label', { class: 'btn', for: domId, 'aria-hidden': 'true' }, kapokText('Choose files')),
      h('span', { id: `${domId}-state`, class: 'mute small', role: 'status' },
        busy ? kapokText('Uploading {0}…', busy) : accept ? kapokText('Accepted: {0}', accept.split(',').map(kind => kind.trim()).join(' ')) : files.length ? '' : kapokText('No files yet'))),
    busy && h('progress', { class: 'bar', 'aria-label': kapokText('Uploading {0}…', busy) }),
    h(Description, { description }),
    h(Errors, { id: `${domId}-error-message`, errors: failure ? [failure, ...errors] : errors }));
}

Files.config = {
  type: 'filepicker', keyed: true, label: 'Files', group: 'basic-input', emptyValue: null,
  sanitizeValue: ({ value }) => Array.isArray(value) ? value : null,
  create: (options = {}) => options,
};
