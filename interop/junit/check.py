"""Reads JUnit reports of kvconform as others do: usage check.py SCHEMA.xsd REPORT.xml..."""

import sys

import junitparser
import xmlschema

schema = xmlschema.XMLSchema(sys.argv[1])
for path in sys.argv[2:]:
    for error in schema.iter_errors(path):
        sys.exit(f"{path} breaks the schema: {error}")
    report = junitparser.JUnitXml.fromfile(path)
    cases = sum(len(list(suite)) for suite in report)
    if not cases or cases != report.tests:
        sys.exit(f"{path} says {report.tests} tests and has {cases}")
    print(f"Read {cases} tests, {report.failures} failures, {report.errors} errors, {report.skipped} skipped: {path}")
