// Reads JUnit reports of kvconform with junit2json: usage check.mjs REPORT.xml...
import { readFileSync } from 'node:fs';
import { parse } from 'junit2json';

for (const path of process.argv.slice(2)) {
  const report = await parse(readFileSync(path, 'utf8'));
  const cases = report.testsuite.flatMap(suite => suite.testcase ?? []);
  const having = kind => cases.filter(c => c[kind] !== undefined).length;
  if (!cases.length || cases.length !== report.tests || having('failure') !== report.failures || having('error') !== report.errors) {
    console.error(`${path} says ${report.tests} tests, ${report.failures} failures, ${report.errors} errors and has ${cases.length}, ${having('failure')}, ${having('error')}`);
    process.exit(1);
  }
  const time = cases.reduce((sum, c) => sum + c.time, 0);
  if (time > report.time + 0.001 * cases.length) {
    console.error(`${path}: the cases take ${time} s, and the run took ${report.time}`);
    process.exit(1);
  }
  const property = name => report.testsuite[0].properties?.find(p => p.name === name)?.value;
  for (const name of ['target', 'api-version', 'oracle']) {
    if (!property(name)) {
      console.error(`${path} does not name its ${name}`);
      process.exit(1);
    }
  }
  console.log(`Read ${cases.length} tests, ${report.failures} failures, ${report.errors} errors, ${having('skipped')} skipped: ${path}`);
}
