// Times of pages in chromium: node html.mjs MODULES TURNS PAGE…
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';

const [, , modules, turns, ...files] = process.argv;
const puppeteer = createRequire(path.resolve(modules, 'node_modules', 'x'))('puppeteer-core');
const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
    protocolTimeout: 300000,
});

// From the click to the frame that shows what came of it.
const until_shown = (page, act) => page.evaluate(`new Promise(done => {
    const start = performance.now();
    (${act})();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start), 0));
})`);

// Loaded, scripts run, and a frame shown that answers.
const load = async page => page.evaluate(() => new Promise(done => {
    const shown = () => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0));
    if (document.readyState === 'complete') shown();
    else addEventListener('load', shown);
}));

const type = text => `() => { const box = document.querySelector('#filter'); box.value = '${text}'; box.dispatchEvent(new Event('input')); }`;
const acts = {
    'filter, first letter': type('d'),
    'filter, a word': type('deadlock'),
    'filter, none': type(''),
    'sort a column': `() => document.querySelector('main table th:nth-child(3) button').click()`,
    'fold all': `() => document.querySelectorAll('.tools button')[0].click()`,
    'unfold all': `() => document.querySelectorAll('.tools button')[1].click()`,
};

const times = new Map();
const note = (file, what, time) => {
    const key = `${path.basename(file, '.html')}\t${what}`;
    times.set(key, [...(times.get(key) || []), time]);
};
for (let turn = 0; turn < Number(turns); turn++)
    for (const file of files) {
        const page = await browser.newPage();
        await page.setViewport({width: 1280, height: 900});
        await page.goto(`file://${path.resolve(file)}`, {waitUntil: 'load', timeout: 300000});
        note(file, 'load to usable', await load(page));
        if (await page.$('#filter'))
            for (const [what, act] of Object.entries(acts)) note(file, what, await until_shown(page, act));
        else
            note(file, 'scroll to the end', await until_shown(page, '() => scrollTo(0, document.body.scrollHeight)'));
        await page.close();
    }
await browser.close();
for (const file of files) console.log(`${path.basename(file)}: ${(fs.statSync(file).size / 1e6).toFixed(1)} MB`);
for (const [key, list] of times) {
    const sorted = list.sort((a, b) => a - b);
    const [page, what] = key.split('\t');
    console.log(`${page.padEnd(12)} ${what.padEnd(24)} ${sorted[Math.floor(sorted.length / 2)].toFixed(0).padStart(7)} ms`);
}
