// Draws the pictures of resources/ from their vector sources with Chromium: the program's icon, and the tray's by state for
// light bars, dark bars and macOS (which tints a template itself). Run by hand after a source changed; the pictures are kept.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const resources = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'resources');
const browser = await chromium.launch({ executablePath: process.env['CYBERBACKUP_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

async function draw(source, size, target, colours = {}) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const svg = Object.entries(colours).reduce((text, [name, value]) => text.replaceAll(`var(--${name})`, value), source);
  await page.setContent(`<!doctype html><style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path: path.join(resources, target), omitBackground: true });
  await page.close();
}

// Of the design's tokens: text, and the solid colours of states.
const bars = {
  light: { ink: '#161b26', run: '#2b59d9', pause: '#6b7484', warn: '#b45f06', error: '#c92a2a' },
  dark: { ink: '#eceef3', run: '#7ea2ff', pause: '#8e97a8', warn: '#f0a33c', error: '#ff7b72' },
  Template: { ink: '#000', run: '#000', pause: '#000', warn: '#000', error: '#000' },
};

for (const name of readdirSync(path.join(resources, 'tray')).filter((file) => file.endsWith('.svg'))) {
  const source = readFileSync(path.join(resources, 'tray', name), 'utf8');
  const mood = name.replace(/\.svg$/, '');
  for (const [bar, colours] of Object.entries(bars)) {
    const target = `tray/${mood}${bar === 'Template' ? '' : '-'}${bar}`;
    await draw(source, 20, `${target}.png`, colours);
    await draw(source, 40, `${target}@2x.png`, colours);
  }
}
const icon = readFileSync(path.join(resources, 'icon.svg'), 'utf8');
await draw(icon, 512, 'icon.png');
await browser.close();
