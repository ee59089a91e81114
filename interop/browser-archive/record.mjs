// A page of the vault's own origin uses its certificates API by fetch, and Playwright records what Chromium sent and received.
// usage: node record.mjs CHROMIUM URL ARCHIVE, the token is in KVCONFORM_TOKEN
import { chromium } from "playwright-core";

const [executablePath, url, path] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-quic"] });
const context = await browser.newContext({ ignoreHTTPSErrors: true, recordHar: { path, content: "embed" } });
const page = await context.newPage();
await page.goto(url + "/");
const sent = await page.evaluate(async (token) => {
  let count = 0;
  const call = async (method, where, body) => {
    const address = where.startsWith("https:") ? where : where + (where.includes("?") ? "&" : "?") + "api-version=7.4";
    const headers = { Authorization: "Bearer " + token, ...(body ? { "Content-Type": "application/json" } : {}) };
    const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    count++;
    const text = await response.text();
    return { status: response.status, location: response.headers.get("Location"), body: text ? JSON.parse(text) : null };
  };
  const policy = (issuer) => ({
    key_props: { exportable: true, kty: "RSA", key_size: 2048, reuse_key: false },
    secret_props: { contentType: "application/x-pkcs12" },
    x509_props: { subject: "CN=browser.example.com", validity_months: 12 },
    issuer: { name: issuer },
  });
  const poll = async () => {
    for (let i = 0; i < 100; i++) {
      const pending = await call("GET", name + "/pending");
      if (pending.body.status !== "inProgress") return;
      await new Promise((done) => setTimeout(done, 50));
    }
  };
  const name = "/certificates/browser";
  await call("GET", name);
  const created = await call("POST", name + "/create", { policy: policy("Unknown") });
  await call("GET", created.location);
  await call("POST", name + "/create", { policy: policy("Unknown") });
  await call("PATCH", name + "/pending", { cancellation_requested: true });
  await poll();
  await call("DELETE", name + "/pending");
  await call("GET", name + "/pending");
  await call("POST", name + "/create", { policy: policy("Self"), tags: { by: "a browser" } });
  await poll();
  const certificate = await call("GET", name);
  const version = new URL(certificate.body.id).pathname;
  await call("GET", version);
  await call("PATCH", version, { tags: { by: "a page" } });
  await call("GET", name);
  await call("GET", name + "/policy");
  await call("PATCH", name + "/policy", { lifetime_actions: [{ trigger: { days_before_expiry: 30 }, action: { action_type: "EmailContacts" } }] });
  await call("GET", name + "/policy");
  await Promise.all([call("GET", name + "/versions"), call("GET", "/certificates"), call("GET", name)]);
  await call("DELETE", name);
  await call("GET", "/deletedcertificates/browser");
  await call("POST", "/deletedcertificates/browser/recover", {});
  await call("GET", name);
  await call("DELETE", name);
  await call("DELETE", "/deletedcertificates/browser");
  await call("GET", "/deletedcertificates/browser");
  return count;
}, process.env.KVCONFORM_TOKEN);
await context.close();
await browser.close();
console.log(`sent ${sent}`);
