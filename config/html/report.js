// What makes an html report better, and is not needed to read it: tables that sort, a filter over
// rows and cards, sections that fold. Embedded by the build; asks for nothing, keeps nothing.
'use strict';
(() => {
    const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
    const made = (tag, text, ...attributes) => {
        const element = document.createElement(tag);
        element.textContent = text;
        for (const [name, value] of attributes) element.setAttribute(name, value);
        return element;
    };

    // ---- sorting: a row takes along what stands below it -----------------------------------
    const words = new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'});
    const valueOf = (row, column) => {
        const cell = row.cells[column];
        if (!cell) return '';
        return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
    };
    const compare = (a, b) => {
        if (typeof a === 'number' && typeof b === 'number') return a - b;
        if (typeof a === typeof b) return words.compare(a, b);
        return typeof a === 'number' ? -1 : 1; // what is empty comes last
    };
    const sort = (table, column, direction) => {
        const body = table.tBodies[0];
        const groups = [];
        for (const row of body.rows) {
            if (row.classList.contains('more')) groups[groups.length - 1].rows.push(row);
            else groups.push({value: valueOf(row, column), rows: [row]});
        }
        groups.sort((a, b) => {
            if (a.value === '' || b.value === '') return (a.value === '') - (b.value === '');
            return direction * compare(a.value, b.value);
        });
        body.append(...groups.flatMap(group => group.rows));
    };
    const onSort = (table, heads, column) => {
        const head = heads[column];
        const direction = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', direction === 1 ? 'ascending' : 'descending');
        sort(table, column, direction);
    };
    for (const table of all('main table')) {
        if (!table.tHead || table.tBodies[0].rows.length < 2) continue;
        const heads = Array.from(table.tHead.rows[0].cells);
        heads.forEach((head, column) => {
            const button = made('button', head.textContent, ['type', 'button']);
            button.addEventListener('click', () => onSort(table, heads, column));
            head.replaceChildren(button);
        });
    }

    // ---- filtering: cards, and rows of the tables of sections ---------------------------------
    const items = all('main > section > details > .card, main > section > details > table > tbody > tr:not(.more)')
        .map(element => ({element, text: null, shown: true}));
    const textOf = item => {
        if (item.text === null) {
            const below = item.element.nextElementSibling;
            const more = below && below.classList.contains('more') ? below.textContent : '';
            item.text = (item.element.textContent + more).toLowerCase();
        }
        return item.text;
    };
    const show = (item, shown) => {
        if (item.shown === shown) return;
        item.shown = shown;
        item.element.hidden = !shown;
        for (let below = item.element.nextElementSibling; below && below.classList.contains('more');
            below = below.nextElementSibling) below.hidden = !shown;
    };
    const levels = ['critical', 'error', 'warning', 'info', 'fine']
        .filter(level => items.some(item => item.element.classList.contains(level)));
    const box = made('input', '', ['type', 'search'], ['id', 'filter'], ['autocomplete', 'off'], ['spellcheck', 'false']);
    const level = made('select', '', ['id', 'level']);
    const count = made('output', '', ['for', 'filter level']);
    const filter = () => {
        const wanted = box.value.toLowerCase().split(/\s+/).filter(word => word !== '');
        const least = levels.indexOf(level.value);
        let shown = 0;
        for (const item of items) {
            const grave = least < 0 || levels.slice(0, least + 1).some(name => item.element.classList.contains(name));
            const fits = grave && (wanted.length === 0 || wanted.every(word => textOf(item).includes(word)));
            show(item, fits);
            shown += fits ? 1 : 0;
        }
        count.textContent = wanted.length === 0 && least < 0 ? '' : `${shown} of ${items.length}`;
    };

    // ---- folding, and what is folded when a link leads there or the page is printed ----------
    const folds = all('main > section > details');
    const fold = open => folds.forEach(details => { details.open = open; });
    const reveal = () => {
        const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        if (!target) return;
        if (target.closest('[hidden]')) {
            box.value = '';
            level.value = '';
            filter();
        }
        let around = target.closest('details');
        if (target.tagName === 'SECTION') around = target.querySelector('details');
        for (; around; around = around.parentElement.closest('details')) around.open = true;
        target.scrollIntoView();
    };
    addEventListener('hashchange', reveal);
    let opened = [];
    addEventListener('beforeprint', () => {
        opened = all('main details:not([open]):not(.figures)');
        opened.forEach(details => { details.open = true; });
    });
    addEventListener('afterprint', () => opened.forEach(details => { details.open = false; }));

    // ---- the tools -------------------------------------------------------------------------------
    if (items.length < 2) return;
    const tools = made('div', '', ['class', 'tools'], ['role', 'search'], ['aria-label', 'Within this page']);
    tools.append(made('label', 'Filter', ['for', 'filter']), box);
    if (levels.length > 1) {
        level.append(made('option', 'any severity', ['value', '']));
        levels.forEach((name, i) => level.append(made('option', i === 0 ? name : `${name} and graver`, ['value', name])));
        tools.append(made('label', 'Severity', ['for', 'level']), level);
        level.addEventListener('change', filter);
    }
    const close = made('button', 'Fold all', ['type', 'button']);
    const open = made('button', 'Unfold all', ['type', 'button']);
    close.addEventListener('click', () => fold(false));
    open.addEventListener('click', () => fold(true));
    box.addEventListener('input', filter);
    tools.append(close, open, count);
    document.querySelector('main').before(tools);
    if (location.hash) reveal();
})();
