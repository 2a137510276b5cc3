// Opens golive's pages in a real browser, as files: on a phone, on a laptop and on paper, light and dark.
//
//   node pages.mjs PAGE.html…
//
// A page may ask for nothing, run nothing, say nothing on the console, be wider than the screen, or break a rule of axe; on paper
// everything is open. `CHROMIUM` names the browser. `GOLIVE_SCREENSHOTS=DIR` keeps pictures.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.GOLIVE_SCREENSHOTS;
const screens = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'laptop', width: 1280, height: 800 },
];
const faults = [];
// What must be found on `bad.html` beside this file, so that nothing found elsewhere means something.
const known = ['request:', 'console: said', 'what could run', 'wider than the screen', 'axe color-contrast', 'axe image-alt', 'the first link', 'are closed', ' on rgb'];

/** What a page does with one screen and one colour scheme. */
async function look(browser, file, screen, colorScheme) {
  const where = `${basename(file)}, ${screen.name}, ${colorScheme}`;
  const fault = (words) => faults.push(`${where}: ${words}`);
  const url = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width: screen.width, height: screen.height }, colorScheme });
  const page = await context.newPage();
  page.on('console', (message) => fault(`console: ${message.text()}`));
  page.on('pageerror', (error) => fault(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) fault(`request: ${request.url()}`);
  });
  await page.goto(url, { waitUntil: 'load' });
  if ((await page.locator('script, iframe, object, embed, form, [onclick], [onerror], [onload]').count()) > 0) fault('it holds what could run');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) fault(`${wide} pixels wider than the screen`);
  for (const open of [false, true]) {
    await page.evaluate((open) => document.querySelectorAll('details').forEach((details) => (details.open = open)), open);
    await rules(page, `${where}${open ? ', all open' : ''}`);
  }
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = false)));
  await keyboard(page, fault);
  await picture(page, file, `${screen.name}-${colorScheme}`);
  if (pictures && screen.name === 'laptop' && colorScheme === 'light') {
    for (const [name, selector] of [['forecast', '#forecast'], ['control', 'section.control:nth-of-type(n + 8)']]) {
      const part = page.locator(selector).first();
      if ((await part.count()) === 0) continue;
      await part.evaluate((part) => part.scrollIntoView());
      await picture(page, file, name);
    }
  }
  await context.close();
}

/** Keeps a picture, where pictures are wanted. */
async function picture(page, file, name) {
  if (pictures && !file.endsWith('bad.html')) await page.screenshot({ path: join(pictures, `${basename(file, '.html')}-${name}.png`) });
}

async function rules(page, where) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations', 'passes'] }));
  if (passes.length < 20) faults.push(`${where}: only ${passes.length} rules of axe looked at the page`);
  for (const violation of violations) {
    const nodes = violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`);
    faults.push(`${where}: axe ${violation.id}, ${violation.nodes.length} times: ${nodes.join(' | ')}`);
  }
}

/** The first key leads to the skip link, which is seen then and leads somewhere. */
async function keyboard(page, fault) {
  await page.keyboard.press('Tab');
  const skip = await page.evaluate(() => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    return { href: at.getAttribute('href'), seen: box.top >= 0 && box.bottom > 0 };
  });
  if (!skip.href?.startsWith('#') || (await page.locator(skip.href).count()) !== 1) fault(`the first link leads to ${skip.href}`);
  const settled = async () => (await page.evaluate(() => document.activeElement.getBoundingClientRect().top)) >= 0;
  if (!skip.seen && !(await settled())) fault('the skip link is not seen where it has the focus');
  await page.evaluate(() => document.activeElement.blur());
}

/** On paper: everything is open, dark on light, whatever the screen prefers. */
async function print(browser, file) {
  const where = `${basename(file)}, print`;
  const context = await browser.newContext({ viewport: { width: 700, height: 990 }, colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const seen = await page.evaluate(() => {
    const hidden = [...document.querySelectorAll('details > *')].filter((at) => !at.checkVisibility({ contentVisibilityAuto: true }) || at.getBoundingClientRect().height < 1);
    const colour = (of) => getComputedStyle(document.body)[of];
    return { all: document.querySelectorAll('details').length, hidden: hidden.length, paper: colour('backgroundColor'), ink: colour('color') };
  });
  if (seen.hidden > 0) faults.push(`${where}: ${seen.hidden} parts of ${seen.all} are closed`);
  if (seen.paper !== 'rgb(255, 255, 255)' || seen.ink !== 'rgb(0, 0, 0)') faults.push(`${where}: ${seen.ink} on ${seen.paper}`);
  const pdf = await page.pdf({ format: 'A4', printBackground: false, preferCSSPageSize: true });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  if (pages < 1) faults.push(`${where}: no page`);
  await picture(page, file, 'print');
  console.log(`${where}: ${pages} pages, ${seen.all} parts open`);
  await context.close();
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const bad = fileURLToPath(new URL('bad.html', import.meta.url));
await look(browser, bad, screens[0], 'light');
await print(browser, bad);
const unseen = known.filter((words) => !faults.some((fault) => fault.includes(words)));
faults.length = 0;
faults.push(...unseen.map((words) => `bad.html is bad, and nobody said: ${words}`));
const files = process.argv.slice(2).map((file) => resolve(file));
if (files.length === 0) faults.push('no page was named');
for (const file of files) {
  for (const screen of screens) {
    for (const scheme of ['light', 'dark']) await look(browser, file, screen, scheme);
  }
  await print(browser, file);
}
await browser.close();
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(`${files.length} pages: nothing asked for, nothing said, 0 violations of axe`);
