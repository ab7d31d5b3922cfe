// feelin beside our FEEL: node peer.mjs, with {variables, expressions: {name: text}, table: {rules, inputs}} on stdin.
// Prints {name: {us, value}}: microseconds of processor time, the best of five runs of about a tenth of a second, after
// warming up. feelin offers no compiled form: each evaluation reads its text again.
import { readFileSync } from 'node:fs';
import { evaluate, unaryTest } from 'feelin';

const given = JSON.parse(readFileSync(0, 'utf8'));
const dated = (value) => (value && value.feel ? evaluate(value.feel).value : value);
const variables = Object.fromEntries(Object.entries(given.variables).map(([name, value]) => [name, dated(value)]));

function run(call, count) {
  const before = process.cpuUsage();
  for (let turn = 0; turn < count; turn += 1) call();
  const used = process.cpuUsage(before);
  return used.user + used.system;
}

function microseconds(call) {
  let count = 1;
  while (run(call, count) < 100_000) count *= 2;
  return Math.min(...Array.from({ length: 5 }, () => run(call, count) / count));
}

function decide({ rules, inputs }) {
  const contexts = inputs.map((value) => ({ ...variables, '?': value }));
  return rules.findIndex((cells) => cells.every((cell, column) => unaryTest(cell, contexts[column]).value === true));
}

const calls = Object.entries(given.expressions).map(([name, text]) => [name, () => evaluate(text, variables).value]);
calls.push(['50-rule table', () => decide(given.table)]);
console.log(JSON.stringify(Object.fromEntries(
  calls.map(([name, call]) => [name, { us: microseconds(call), value: call() }]),
)));
