// Builds the pinned browser assets into ../static/vendor and writes manifest.json (name, version, licence, sha256, size).
// Run `npm ci --ignore-scripts && npm run build`. Only a change of a pinned version needs this; Kapok itself needs no Node.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { formTexts, patchFormSource } from './src/form-patch.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(here, '../static/vendor');
const modules = join(here, 'node_modules');

// form-js hard-codes its English texts: each becomes a call of our dictionary; a text that is no longer there fails the build.
const speakChinese = {
  name: 'form-js-texts',
  setup(build) {
    build.onLoad({ filter: /form-js-viewer[\\/]dist[\\/]index\.es\.js$/ }, ({ path }) => ({
      contents: patchFormSource(readFileSync(path, 'utf8'), join(here, 'src', 'texts.js')), loader: 'js',
    }));
  },
};

// The form editor, its panel and the viewer each bring a Preact of their own; hooks work only where there is one.
const onePreact = {
  name: 'one-preact',
  setup(build) {
    build.onResolve({ filter: /^(\.\.\/)?preact(\/|$)/ }, ({ path, kind, pluginData }) => pluginData === 'preact' ? undefined
      : build.resolve(path.replace(/^\.\.\//, ''), { kind, resolveDir: here, pluginData: 'preact' }));
  },
};

// Of the fonts' five formats every browser of today takes woff2; only that is shipped, as a file of our own address.
const oneFontFormat = {
  name: 'one-font-format',
  setup(build) {
    build.onLoad({ filter: /-font[\\/]css[\\/]\w+\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/src: url\([^;]+;\s*src: [^;]*?(url\('[^'?]+\.woff2)[^']*('\) format\('woff2'\))[^;]*;/, 'src: $1$2;'),
      loader: 'css', resolveDir: dirname(path),
    }));
  },
};

// A few old packages name their licence but carry no text of it: the standard text stands for it.
const named = { 'component-props': 'MIT' };
const standard = { MIT: readFileSync(join(here, 'src', 'MIT.txt'), 'utf8') };

const packageOf = file => {
  const parts = file.split('node_modules/').pop().split('/');
  return parts[0].startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
};

const about = name => {
  const { version, license } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
  const licenceFile = readdirSync(join(modules, name)).find(file => /^licen[cs]e/i.test(file));
  const licence = license ?? named[name];
  return { name, version, licence, text: licenceFile ? readFileSync(join(modules, name, licenceFile), 'utf8') : standard[licence] };
};

const packages = new Map();
const note = (file, names) => names.forEach(name => {
  const seen = packages.get(name) ?? { ...about(name), files: [] };
  seen.files = [...new Set([...seen.files, file])].sort();
  packages.set(name, seen);
});

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const { metafile } = await esbuild.build({
  entryPoints: Object.fromEntries(['viewer', 'form', 'modeler', 'decisions', 'form-editor'].map(name => [name, join(here, `src/${name}.js`)])),
  outdir: out, bundle: true, minify: true, format: 'iife', target: 'es2022', legalComments: 'none', charset: 'utf8',
  metafile: true, logLevel: 'warning', plugins: [speakChinese, onePreact, oneFontFormat], loader: { '.woff2': 'file' }, assetNames: '[name]', define: { 'process.env.NODE_ENV': '"production"' },
});
for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
  const names = Object.keys(inputs).filter(path => path.includes('node_modules/')).map(packageOf);
  note(file.split('/').pop(), [...new Set(names)]);
}

for (const [from, file] of [['@picocss/pico/css/pico.min.css', 'pico.min.css'], ['htmx.org/dist/htmx.min.js', 'htmx.min.js']]) {
  copyFileSync(join(modules, from), join(out, file));
  note(file, [packageOf(`node_modules/${from}`)]);
}
const htmx = join(out, 'htmx.min.js');
writeFileSync(htmx, readFileSync(htmx, 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\n?/, '\n'));

const listed = [...packages.values()].sort((a, b) => a.name.localeCompare(b.name));
writeFileSync(join(out, 'LICENSES.txt'), listed.map(({ name, version, licence, text }) =>
  `${name} ${version} (${licence})\n${'-'.repeat(72)}\n${(text ?? 'The package carries no licence file.').trim()}\n`).join('\n\n'));

const describe = file => {
  const bytes = readFileSync(join(out, file));
  return { name: file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
writeFileSync(join(out, 'manifest.json'), JSON.stringify({
  files: readdirSync(out).sort().map(describe),
  packages: listed.map(({ name, version, licence, files }) => ({ name, version, licence, files })),
}, null, 2) + '\n');
console.log(`${listed.length} packages, ${formTexts.length} texts of form-js patched`);
