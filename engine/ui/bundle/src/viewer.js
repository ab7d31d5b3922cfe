// The live diagram of a case: <figure data-diagram="/url.bpmn" data-state='{"now": {id: tokens}, "done": [ids], …}' data-focus="id">.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

const MARKS = ['done', 'incident', 'overdue', 'stopped'];
const STEP = 1.25;
const AROUND = 120; // diagram units kept visible round the element in focus
const type = () => ({ fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 });
const LOOK = {
  bpmnRenderer: { defaultFillColor: 'var(--surface)', defaultStrokeColor: 'var(--edge)', defaultLabelColor: 'var(--ink)' },
  textRenderer: { defaultStyle: type(), externalStyle: type() },
  zoomScroll: { enabled: false }, // the wheel belongs to the page
};

function mark(viewer, state) {
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  const elements = viewer.get('elementRegistry');
  const each = (ids, work) => (ids ?? []).filter(id => elements.get(id)).forEach(work);
  MARKS.forEach(name => each(state[name], id => canvas.addMarker(id, name)));
  each(Object.keys(state.now ?? {}), id => {
    const token = document.createElement('span');
    token.className = 'tok';
    token.textContent = state.now[id];
    canvas.addMarker(id, 'now');
    overlays.add(id, 'token', { position: { top: -11, left: -11 }, html: token });
  });
  elements.filter(({ type }) => type === 'bpmn:SequenceFlow').forEach(flow => {
    const from = flow.source?.id, to = flow.target?.id;
    const been = new Set([...(state.done ?? []), ...Object.keys(state.now ?? {})]);
    if (state.flows ? state.flows.includes(flow.id) : (state.done ?? []).includes(from) && been.has(to)) canvas.addMarker(flow.id, 'done');
  });
}

function look(viewer, focus) {
  const canvas = viewer.get('canvas');
  const element = focus && viewer.get('elementRegistry').get(focus);
  if (!element) return canvas.zoom('fit-viewport', 'auto');
  const { width, height } = canvas.getSize();
  const wide = Math.max(element.width + 2 * AROUND, (element.height + 2 * AROUND) * width / height * 0.6);
  const high = wide * height / width;
  return canvas.viewbox({ x: element.x + element.width / 2 - wide / 2, y: element.y + element.height / 2 - high / 2, width: wide, height: high });
}

const readable = viewer => { // a long process on a narrow page: start where the case is, at a size one can read
  const canvas = viewer.get('canvas');
  if (canvas.zoom() >= 0.5) return;
  const here = viewer.get('elementRegistry').filter(element => canvas.hasMarker(element.id, 'now'))[0];
  const { inner } = canvas.viewbox();
  const { width, height } = canvas.getSize();
  const scale = 0.62, at = here ?? { x: inner.x, y: inner.y, width: width / scale, height: height / scale };
  const keep = (want, low, size, span) => span >= size ? low - (span - size) / 2 : Math.min(Math.max(want, low), low + size - span);
  const w = width / scale, h = height / scale;
  canvas.viewbox({ x: keep(at.x + at.width / 2 - w / 2, inner.x - 16, inner.width + 32, w), y: keep(at.y + at.height / 2 - h / 2, inner.y - 16, inner.height + 32, h), width: w, height: h });
};

function buttons(host, viewer) {
  const canvas = viewer.get('canvas');
  const actions = { in: () => canvas.zoom(canvas.zoom() * STEP), out: () => canvas.zoom(canvas.zoom() / STEP), fit: () => canvas.zoom('fit-viewport', 'auto') };
  const keys = { '+': actions.in, '=': actions.in, '-': actions.out, 0: actions.fit,
    ArrowLeft: () => canvas.scroll({ dx: 60, dy: 0 }), ArrowRight: () => canvas.scroll({ dx: -60, dy: 0 }),
    ArrowUp: () => canvas.scroll({ dx: 0, dy: 60 }), ArrowDown: () => canvas.scroll({ dx: 0, dy: -60 }) };
  document.querySelectorAll(`[data-zoom-for="${host.id}"] button`).forEach(button => button.addEventListener('click', actions[button.value]));
  host.addEventListener('keydown', event => {
    const act = keys[event.key];
    if (act && event.target === host) { event.preventDefault(); act(); }
  });
}

async function draw(host) {
  const answer = await fetch(host.dataset.diagram);
  if (!answer.ok) throw new Error(`${host.dataset.diagram}: ${answer.status}`);
  const viewer = new NavigatedViewer({ container: host, ...LOOK });
  await viewer.importXML(await answer.text());
  mark(viewer, JSON.parse(host.dataset.state || '{}'));
  look(viewer, host.dataset.focus);
  if (!host.dataset.focus) readable(viewer);
  buttons(host, viewer);
  viewer.get('eventBus').on('element.click', 1500, () => false);
  host.dataset.ready = 'true';
}

for (const host of document.querySelectorAll('[data-diagram]')) {
  draw(host).catch(() => { host.dataset.ready = 'failed'; host.nextElementSibling?.removeAttribute('hidden'); });
}
