// bpmn-engine as a durable service would use it: load the case's state, complete the task, save, flush to the disk.
// node peer.mjs MODEL CASES ROUNDS. One file a case, written and fsynced: less work than Kapok does, in the peer's favour.
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Engine } from 'bpmn-engine';

const [model, ...sizes] = process.argv.slice(2);
const [cases, rounds] = sizes.map(Number);
const here = new URL('.', import.meta.url);
const source = readFileSync(model, 'utf8')
  .replace('>again<', '>${environment.variables.again}<');
const folder = mkdtempSync(join(tmpdir(), 'peer-'));
const file = (number) => join(folder, `${number}.json`);

function save(number, state) {
  const handle = openSync(file(number), 'w');
  writeSync(handle, JSON.stringify(state));
  fsyncSync(handle);
  closeSync(handle);
}

async function start(number) {
  const engine = new Engine({ name: 'loop', source, variables: { again: true, note: 'x'.repeat(1000) } });
  const listener = new EventEmitter();
  const waiting = once(listener, 'activity.wait');
  await engine.execute({ listener });
  await waiting;
  save(number, await engine.getState());
  await engine.stop();
}

async function complete(number) {
  const engine = new Engine({ name: 'loop' }).recover(JSON.parse(readFileSync(file(number), 'utf8')));
  const listener = new EventEmitter();
  const first = once(listener, 'activity.wait');
  const execution = await engine.resume({ listener });
  await first;
  const next = once(listener, 'activity.wait');
  execution.getPostponed().find((each) => each.id === 'work').signal();
  await next;
  save(number, await execution.getState());
  await engine.stop();
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (value, digits) => Number(value.toFixed(digits));

const WARM_UP = 50;
const times = [];
const byRound = [];
let cpu = 0;
try {
  await start(cases);
  for (let turn = 0; turn < WARM_UP; turn += 1) await complete(cases);
  for (let number = 0; number < cases; number += 1) await start(number);
  for (let turn = 0; turn < rounds; turn += 1) {
    const before = times.length;
    const processor = process.cpuUsage();
    for (let number = 0; number < cases; number += 1) {
      const began = performance.now();
      await complete(number);
      times.push(performance.now() - began);
    }
    const used = process.cpuUsage(processor);
    cpu += (used.user + used.system) / 1000;
    byRound.push(median(times.slice(before)));
  }
  let bytes = 0;
  for (let number = 0; number < cases; number += 1) bytes += statSync(file(number)).size;
  const sorted = [...times].sort((a, b) => a - b);
  console.log(JSON.stringify({
    peer: 'bpmn-engine',
    version: JSON.parse(readFileSync(new URL('package.json', here), 'utf8')).dependencies['bpmn-engine'],
    database: 'files, fsync',
    cases,
    rounds,
    clients: 1,
    client_kind: '',
    tasks_per_s: round((times.length * 1000) / times.reduce((a, b) => a + b, 0), 1),
    p50_ms: round(median(times), 3),
    p99_ms: round(sorted[Math.floor(sorted.length * 0.99)], 3),
    first_round_ms: round(byRound[0], 3),
    last_round_ms: round(byRound.at(-1), 3),
    cpu_ms: round(cpu / times.length, 3),
    server_cpu_ms: 0,
    bytes_per_case: Math.round(bytes / cases),
  }));
} finally {
  rmSync(folder, { recursive: true });
}
