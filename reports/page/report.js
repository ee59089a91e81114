(() => {
'use strict';
const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
const one = id => document.getElementById(id);
document.documentElement.classList.add('js');

const search = one('search'), scenario = one('scenario'), shown = one('shown');
const rules = all('.rule').map(el => ({el, text: el.textContent.toLowerCase(), ...el.dataset}));
const plays = all('.play').map(el => ({el, text: el.textContent.toLowerCase(), ...el.dataset}));
const chips = all('.chip');

const pressed = kind => chips.filter(c => c.dataset.kind === kind && c.getAttribute('aria-pressed') === 'true').map(c => c.dataset.value);

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const verdicts = pressed('verdict'), levels = pressed('level');
  const matches = x => words.every(w => x.text.includes(w)) && (!scenario.value || x.scenario === scenario.value);
  let n = 0;
  for (const r of rules) {
    const on = matches(r) && (!verdicts.length || verdicts.includes(r.verdict)) && (!levels.length || levels.includes(r.level));
    r.el.hidden = !on;
    n += on;
  }
  for (const s of all('.scenario')) s.hidden = !all('.rule', s).some(el => !el.hidden);
  for (const p of plays) p.el.hidden = !matches(p);
  one('norules').hidden = n > 0;
  shown.textContent = n + ' of ' + rules.length + (rules.length === 1 ? ' rule' : ' rules');
}

function press(kind, value) {
  for (const c of chips) if (c.dataset.kind === kind) c.setAttribute('aria-pressed', String(c.dataset.value === value));
}

function reset() {
  search.value = '';
  scenario.value = '';
  for (const c of chips) c.setAttribute('aria-pressed', 'false');
  filter();
}

search.addEventListener('input', filter);
scenario.addEventListener('change', filter);
one('reset').addEventListener('click', reset);
for (const c of chips) c.addEventListener('click', () => {
  c.setAttribute('aria-pressed', String(c.getAttribute('aria-pressed') !== 'true'));
  filter();
});
for (const b of all('td button')) b.addEventListener('click', () => {
  reset();
  scenario.value = b.dataset.scenario || '';
  press('verdict', b.dataset.verdict);
  filter();
  one('rules').scrollIntoView();
});

const visibleRules = () => rules.filter(r => !r.el.hidden).map(r => r.el);
one('expand').addEventListener('click', () => {
  const open = visibleRules().some(el => !el.open);
  for (const el of visibleRules()) el.open = open;
});

// names of members are coloured when their exchange is first opened
function colour(step) {
  for (const pre of all('pre.json', step)) {
    if (pre.dataset.done) continue;
    pre.dataset.done = '1';
    const walk = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT), texts = [];
    while (walk.nextNode()) texts.push(walk.currentNode);
    for (const node of texts) {
      const out = document.createDocumentFragment();
      let at = 0;
      for (const m of node.data.matchAll(/^( *)("(?:[^"\\]|\\.)*")(?=:)/gm)) {
        const from = m.index + m[1].length;
        out.append(node.data.slice(at, from));
        const name = document.createElement('span');
        name.className = 'k';
        name.textContent = m[2];
        out.append(name);
        at = from + m[2].length;
      }
      out.append(node.data.slice(at));
      node.replaceWith(out);
    }
  }
}
for (const s of all('.step')) s.addEventListener('toggle', () => { if (s.open) colour(s); });

for (const b of all('.copy')) b.addEventListener('click', async () => {
  const pre = b.parentElement.querySelector('pre');
  try {
    await navigator.clipboard.writeText(pre.textContent);
    b.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(pre);
    b.textContent = 'Selected';
  }
});

// a link to a rule or an exchange opens it, whatever the filters hide
function arrive() {
  const name = location.hash.length > 1 ? decodeURIComponent(location.hash.slice(1)) : '';
  const el = name && (one(name) || one(name.replace(/^r-/, ''))); // older reports said #r-rule
  if (!el || !el.matches('details')) return;
  if (el.closest('[hidden]')) reset();
  el.open = true;
  el.scrollIntoView({block: 'start'});
  el.querySelector('summary').focus({preventScroll: true});
}
addEventListener('hashchange', arrive);

function move(by) {
  const list = visibleRules();
  const at = list.indexOf(document.activeElement && document.activeElement.closest('.rule'));
  const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))];
  if (next) {
    const summary = next.querySelector('summary');
    summary.focus({preventScroll: true});
    summary.scrollIntoView({block: 'nearest'});
  }
}
addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const typing = e.target.matches('input, select, textarea');
  if (e.key === 'Escape') { reset(); if (typing) e.target.blur(); return; }
  if (typing) return;
  if (e.key === '/') { e.preventDefault(); search.focus(); }
  if (e.key === 'j') move(1);
  if (e.key === 'k') move(-1);
});

addEventListener('beforeprint', () => {
  for (const el of all('.rule.failing')) el.open = true;
});

filter();
arrive();
})();
