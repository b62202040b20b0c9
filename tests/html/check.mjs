// Opens each page as a reader does and says in TAP whether it is what it should be.
//   node check.mjs MODULES PAGES
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';

const [, , modules, pages] = process.argv;
const require = createRequire(path.join(modules, 'node_modules', 'x'));
const puppeteer = require('puppeteer-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let number = 0, failed = 0;
const told = (name, problems) => {
    number++;
    for (const problem of problems.slice(0, 10)) console.log(`# ${problem}`.replaceAll('\n', '\n# '));
    console.log(`${problems.length ? 'not ok' : 'ok'} ${number} - ${name}`);
    failed += problems.length ? 1 : 0;
};

const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: process.getuid() === 0 ? ['--no-sandbox'] : [],
});

// A page with what it says and asks for.
const open = async (file, {dark = false, width = 1100, script = true, print = false} = {}) => {
    const page = await browser.newPage();
    const said = [];
    page.on('console', message => said.push(`console: ${message.text()}`));
    page.on('pageerror', error => said.push(`error: ${error}`));
    page.on('dialog', dialog => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('request', request => { if (request.url() !== `file://${file}` && !request.url().startsWith('data:'))
        said.push(`request: ${request.url()}`); });
    await page.setJavaScriptEnabled(script);
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}]);
    if (print) await page.emulateMediaType('print');
    await page.setViewport({width, height: 900});
    await page.goto(`file://${file}`);
    return {page, said};
};

const judge = async page => {
    await page.evaluate(axe);
    return page.evaluate(async () => {
        document.querySelectorAll('details').forEach(details => { details.open = true; });
        document.querySelectorAll('.card').forEach(card => { card.style.contentVisibility = 'visible'; });
        const answer = await globalThis.axe.run();
        return answer.violations.flatMap(rule => rule.nodes.slice(0, 3).map(node => `${rule.id}: ${node.html.slice(0, 160)}`));
    });
};

const wide = page => page.evaluate(() => {
    document.querySelectorAll('details').forEach(details => { details.open = true; });
    const edge = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= edge) return [];
    return Array.from(document.querySelectorAll('main *, header *')).filter(e => e.getBoundingClientRect().right > edge + 1)
        .slice(0, 5).map(e => `wider than ${edge}: ${e.outerHTML.slice(0, 120)}`);
});

const anchors = page => page.evaluate(() => {
    const problems = [], ids = new Map();
    for (const element of document.querySelectorAll('[id]')) ids.set(element.id, (ids.get(element.id) || 0) + 1);
    for (const [id, count] of ids) if (count > 1) problems.push(`${count} times ${id}`);
    for (const link of document.querySelectorAll('a[href^="#"]'))
        if (!ids.has(decodeURIComponent(link.getAttribute('href').slice(1)))) problems.push(`leads nowhere: ${link.outerHTML}`);
    for (const name of ['aria-labelledby', 'aria-describedby'])
        for (const element of document.querySelectorAll(`[${name}]`))
            if (!ids.has(element.getAttribute(name))) problems.push(`${name} of nothing: ${element.getAttribute(name)}`);
    return problems;
});

// Every column of every table, both ways: what has figures by them, what is empty last.
const sorting = page => page.evaluate(() => {
    const problems = [];
    for (const table of document.querySelectorAll('main table'))
        for (const [column, head] of Array.from(table.tHead.rows[0].cells).entries())
            for (const direction of [1, -1]) {
                const button = head.querySelector('button');
                if (!button) continue;
                const count = table.tBodies[0].rows.length;
                button.click();
                if (head.getAttribute('aria-sort') !== (direction === 1 ? 'ascending' : 'descending')) problems.push('aria-sort');
                if (table.tBodies[0].rows.length !== count) problems.push('rows were lost');
                const cells = Array.from(table.tBodies[0].rows).filter(row => !row.classList.contains('more'))
                    .map(row => row.cells[column]).filter(cell => cell.dataset.v !== undefined).map(cell => Number(cell.dataset.v));
                if (cells.some((value, i) => i > 0 && direction * (cells[i - 1] - value) > 0))
                    problems.push(`${table.caption?.textContent}, ${head.textContent}: ${cells.slice(0, 8)}`);
            }
    return problems;
});

const visible = page => page.evaluate(() => Array.from(document.querySelectorAll(
    'main > section > details > .card, main > section > details > table > tbody > tr:not(.more)'))
    .filter(item => item.checkVisibility()).map(item => item.textContent.toLowerCase()));

const filtering = async page => {
    const problems = [], before = await visible(page);
    if (before.length < 2) return problems;
    const word = before[before.length - 1].split(/[^a-z0-9-]+/).filter(part => part.length > 4).pop() || before[0].slice(0, 3);
    await page.type('#filter', word);
    const after = await visible(page);
    const wanted = before.filter(text => text.includes(word)).length;
    if (after.length !== wanted || after.some(text => !text.includes(word))) problems.push(`'${word}': ${after.length} of ${wanted}`);
    const count = await page.$eval('.tools output', output => output.textContent);
    if (!count.startsWith(`${wanted} of `)) problems.push(`it says ${count}, not ${wanted}`);
    await page.$eval('#filter', box => { box.value = ''; box.dispatchEvent(new Event('input')); });
    if ((await visible(page)).length !== before.length) problems.push('not all came back');
    const levels = await page.$$eval('#level option', options => options.map(option => option.value));
    if (levels.length > 1) {
        await page.select('#level', levels[1]);
        const grave = await page.$$eval(`main .card.${levels[1]}, main tbody > tr.${levels[1]}`, items => items.length);
        if ((await visible(page)).length !== grave) problems.push(`severity ${levels[1]}: not ${grave}`);
        await page.select('#level', '');
    }
    return problems;
};

// A link to what is folded or filtered away shows it.
const revealing = async page => {
    const link = await page.$eval('main a[href^="#"], nav a[href^="#"]', a => a.getAttribute('href')).catch(() => null);
    if (!link || !(await page.$('.tools'))) return [];
    await page.evaluate(() => Array.from(document.querySelectorAll('.tools button'))[0].click());
    await page.type('#filter', 'nothing-has-this');
    await page.evaluate(to => { location.hash = to; }, link);
    await new Promise(done => setTimeout(done, 100));
    const shown = await page.evaluate(() => document.querySelector(':target')?.checkVisibility({contentVisibilityAuto: false}) ?? false);
    return shown ? [] : [`${link} is not shown`];
};

// By keyboard alone: the way past the head, the filter, every sort button, what folds.
const keyboard = async page => {
    const problems = [], reached = new Set();
    const wanted = await page.evaluate(() => {
        let count = 0;
        for (const e of document.querySelectorAll('a[href], button, input, select, summary'))
            if (e.checkVisibility() && count < 150) e.dataset.reach = count++;
        return count;
    });
    for (let i = 0; i < wanted + 5 && reached.size < wanted; i++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => [document.activeElement.dataset.reach, document.activeElement.className,
            getComputedStyle(document.activeElement).outlineStyle]);
        if (i === 0 && at[1] !== 'skip') problems.push('the first stop is not the way past the head');
        if (at[2] === 'none') problems.push(`no outline at stop ${i}`);
        if (at[0] !== undefined) reached.add(at[0]);
    }
    if (reached.size < wanted) problems.push(`${reached.size} of ${wanted} stops`);
    const summary = await page.$('main summary');
    if (summary) {
        const was = await page.$eval('main details', details => details.open);
        await summary.focus();
        await page.keyboard.press('Enter');
        if (await page.$eval('main details', details => details.open) === was) problems.push('Enter folds nothing');
    }
    return problems;
};

const hits = page => page.evaluate(() => globalThis.hit === undefined ? [] : [`a text ran as a script: ${globalThis.hit}`]);

for (const name of fs.readdirSync(pages).filter(file => file.endsWith('.html')).sort()) {
    const file = path.join(pages, name), picture = kind => path.join(pages, name.replace('.html', `-${kind}.png`));
    const light = await open(file);
    await light.page.screenshot({path: picture('light')});
    told(`${name}: links lead to one place each`, await anchors(light.page));
    told(`${name}: the keyboard reaches all`, await keyboard(light.page));
    told(`${name}: axe finds nothing`, await judge(light.page));
    told(`${name}: tables sort`, await sorting(light.page));
    told(`${name}: the filter finds`, await filtering(light.page));
    told(`${name}: a link shows what it leads to`, await revealing(light.page));
    told(`${name}: nothing ran that is not ours`, await hits(light.page));
    told(`${name}: it says nothing and asks for nothing`, light.said);
    await light.page.close();

    const dark = await open(file, {dark: true});
    await dark.page.screenshot({path: picture('dark')});
    told(`${name}: axe finds nothing at night`, await judge(dark.page));
    await dark.page.close();

    const narrow = await open(file, {width: 360});
    await narrow.page.screenshot({path: picture('360')});
    told(`${name}: 360 pixels are enough`, await wide(narrow.page));
    told(`${name}: axe finds nothing on a telephone`, await judge(narrow.page));
    await narrow.page.close();

    const plain = await open(file, {script: false});
    const head = await plain.page.$$('.tools, th button');
    const closed = await plain.page.$$('main > section > details:not([open])');
    told(`${name}: without its script all is there`, [
        ...head.map(() => 'what needs a script is there'), ...closed.map(() => 'a section is folded'), ...plain.said]);
    await plain.page.close();

    const paper = await open(file, {print: true});
    await paper.page.screenshot({path: picture('print')});
    await paper.page.pdf({path: picture('print').replace('.png', '.pdf'), format: 'A4'});
    const shown = await paper.page.$$eval('nav, .tools, .skip', parts => parts.filter(part => part.checkVisibility()).length);
    told(`${name}: paper has no tools`, shown ? [`${shown} of them`] : []);
    await paper.page.close();
}
await browser.close();
console.log(`1..${number}`);
process.exit(failed ? 1 : 0);
