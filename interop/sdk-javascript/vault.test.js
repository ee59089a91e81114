// Azure's client library for JavaScript drives a vault: the library's own view of what the service answers is the judge.
//
// KVCONFORM_URL is the vault, KVCONFORM_TOKEN its bearer token, and NODE_EXTRA_CA_CERTS a file of the CA to trust.

import assert from "node:assert/strict";
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { test } from "node:test";

import { CertificateClient } from "@azure/keyvault-certificates";
import forge from "node-forge";

const url = process.env.KVCONFORM_URL;
const token = process.env.KVCONFORM_TOKEN;
assert.ok(url && token, "KVCONFORM_URL and KVCONFORM_TOKEN must be set");

// How often the pollers ask, in milliseconds; the vault ends what it can end within seconds.
const polling = { intervalInMs: 200 };
const patience = { timeout: 60_000 };

const scopes = [];
const credential = {
  getToken: async (scope) => {
    scopes.push(...[scope].flat());
    return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};
const client = new CertificateClient(url, credential, {
  disableChallengeResourceVerification: true,
  retryOptions: { maxRetries: 1 },
});

const named = (purpose) => `javascript-${purpose}-${randomBytes(4).toString("hex")}`;
const policy = (commonName, issuerName) => ({ issuerName, subject: `CN=${commonName}` });
const rsaKeys = () => forge.pki.rsa.generateKeyPair({ bits: 2048, workers: 0 });
const toDER = (asn1) => Buffer.from(forge.asn1.toDer(asn1).getBytes(), "binary");

// An authority of the test's own, and one pair of keys for all that is imported: making keys is slow here.
const authority = rsaKeys();
const pair = rsaKeys();

function sign(publicKey, commonName) {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = "01" + randomBytes(15).toString("hex");
  certificate.validity.notBefore = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
  certificate.validity.notAfter = new Date(certificate.validity.notBefore.getTime() + 30 * 86_400_000);
  certificate.setSubject([{ name: "commonName", value: commonName }]);
  certificate.setIssuer([{ name: "commonName", value: "the authority of a test" }]);
  certificate.sign(authority.privateKey, forge.md.sha256.create());
  return certificate;
}

const derOf = (certificate) => toDER(forge.pki.certificateToAsn1(certificate));

async function imported(name, options = {}) {
  const leaf = sign(pair.publicKey, name);
  const pfx = forge.pkcs12.toPkcs12Asn1(pair.privateKey, [leaf], options.password ?? "", { algorithm: "3des" });
  return { der: derOf(leaf), certificate: await client.importCertificate(name, toDER(pfx), options) };
}

async function refused(status, code, promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, status, error.message);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

// What the library's pollers tell of an operation; only the one for an operation that is there already tells all.
async function operationOf(name) {
  return (await client.getCertificateOperation(name, polling)).getOperationState().certificateOperation;
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

test("the challenge gives the resource", async () => {
  await all(client.listPropertiesOfIssuers());
  assert.ok(scopes.length > 0);
  for (const scope of scopes) assert.ok(scope.startsWith(url), scope);
});

test("create and poll until completed", patience, async () => {
  const name = named("create");
  const poller = await client.beginCreateCertificate(name, policy("created.example.com", "Self"), {
    ...polling,
    tags: { made: "by the test" },
  });
  assert.ok(!poller.getOperationState().isCompleted);
  assert.equal((await operationOf(name)).status, "inProgress");
  const certificate = await poller.pollUntilDone();
  assert.equal(poller.getOperationState().isCompleted, true);
  assert.equal(certificate.name, name);
  assert.equal(certificate.properties.enabled, true);
  assert.deepEqual({ ...certificate.properties.tags }, { made: "by the test" });
  assert.match(certificate.properties.version, /^[0-9a-f]{32}$/);
  assert.equal(certificate.keyId, `${url}/keys/${name}/${certificate.properties.version}`);
  assert.equal(certificate.secretId, `${url}/secrets/${name}/${certificate.properties.version}`);
  assert.equal(certificate.policy.issuerName, "Self");
  assert.equal(certificate.policy.keyType, "RSA");
  assert.equal(certificate.policy.keySize, 2048);
  assert.equal(certificate.policy.contentType, "application/x-pkcs12");

  const issued = new X509Certificate(certificate.cer);
  assert.equal(issued.subject, "CN=created.example.com");
  assert.equal(new Date(issued.validTo).getTime(), certificate.properties.expiresOn.getTime());
  const thumbprint = createHash("sha1").update(certificate.cer).digest("hex");
  assert.equal(Buffer.from(certificate.properties.x509Thumbprint).toString("hex"), thumbprint);
  assert.equal(certificate.properties.x509ThumbprintString, thumbprint);

  const operation = await operationOf(name);
  assert.equal(operation.status, "completed");
  assert.equal(operation.target, `${url}/certificates/${name}`);
  assert.equal(operation.cancellationRequested, false);
  assert.equal(operation.error, undefined);
});

test("cancel a request in progress", patience, async () => {
  const name = named("cancel");
  await client.beginCreateCertificate(name, policy(name, "stays"), polling);
  const poller = await client.getCertificateOperation(name, polling);
  const requested = poller.getOperationState().certificateOperation;
  assert.equal(requested.status, "inProgress");
  assert.equal(requested.cancellationRequested, false);
  await poller.cancelOperation();
  assert.equal(poller.getOperationState().certificateOperation.cancellationRequested, true);
  assert.equal(poller.getOperationState().certificateOperation.status, "inProgress");

  let ended;
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    ended = await operationOf(name);
    if (ended.status !== "inProgress") break;
    await new Promise((wake) => setTimeout(wake, polling.intervalInMs));
  }
  assert.equal(ended.status, "cancelled");
  assert.equal(ended.cancellationRequested, true);
  assert.equal(ended.target, undefined);
  assert.equal(ended.requestId, requested.requestId);
  assert.equal((await client.getCertificate(name)).properties.enabled, false);
  const late = await client.getCertificateOperation(name, polling);
  await refused(403, "Forbidden", late.cancelOperation());
});

test("a failed request tells its error", patience, async () => {
  const name = named("failed");
  const poller = await client.beginCreateCertificate(name, policy(name, "rejects"), polling);
  // Of the operation's error the library shows the message alone, as an error of its own.
  await assert.rejects(poller.pollUntilDone(), /refused the request/);
  await assert.rejects(operationOf(name), /refused the request/);
});

test("create while in progress is a conflict", patience, async () => {
  const name = named("conflict");
  await client.beginCreateCertificate(name, policy(name, "stays"), polling);
  await refused(409, "Conflict", client.beginCreateCertificate(name, policy(name, "stays"), polling));
});

test("delete the pending request", patience, async () => {
  const name = named("pending");
  await client.beginCreateCertificate(name, policy(name, "Unknown"), polling);
  const before = await operationOf(name);
  const deleted = await client.deleteCertificateOperation(name);
  assert.equal(deleted.status, "inProgress");
  assert.equal(deleted.requestId, before.requestId);
  assert.deepEqual(deleted.csr, before.csr);
  await refused(404, "PendingCertificateNotFound", client.deleteCertificateOperation(name));
});

test("merge what another authority signed", patience, async () => {
  const name = named("merge");
  const poller = await client.beginCreateCertificate(name, policy("merged.example.com", "Unknown"), polling);
  const { csr, issuerName } = await operationOf(name);
  assert.equal(issuerName, "Unknown");
  const request = forge.pki.certificationRequestFromAsn1(forge.asn1.fromDer(Buffer.from(csr).toString("binary")));
  assert.ok(request.verify());
  await refused(400, "BadParameter", client.mergeCertificate(name, [derOf(sign(pair.publicKey, "stranger"))]));

  const leaf = sign(request.publicKey, "merged.example.com");
  const merged = await client.mergeCertificate(name, [derOf(leaf)]);
  assert.deepEqual(Buffer.from(merged.cer), derOf(leaf));
  assert.equal(merged.properties.expiresOn.getTime(), leaf.validity.notAfter.getTime());
  assert.equal(merged.policy.issuerName, "Unknown");
  assert.equal((await client.getCertificate(name)).properties.version, merged.properties.version);
  assert.equal((await poller.pollUntilDone()).properties.version, merged.properties.version);
  assert.equal((await operationOf(name)).status, "completed");
});

test("import with a password", patience, async () => {
  const name = named("import");
  const { der, certificate } = await imported(name, { password: "a pass phrase" });
  assert.deepEqual(Buffer.from(certificate.cer), der);
  assert.equal(certificate.properties.enabled, true);
  assert.equal(certificate.policy.issuerName, "Unknown");
  assert.equal(certificate.policy.keyType, "RSA");
  const read = await client.getCertificateVersion(name, certificate.properties.version);
  assert.deepEqual(Buffer.from(read.cer), der);
  assert.equal(read.id, certificate.id);
});

test("import PEM", patience, async () => {
  const name = named("pem");
  const leaf = sign(pair.publicKey, name);
  const key = forge.pki.privateKeyInfoToPem(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(pair.privateKey)));
  const certificate = await client.importCertificate(name, Buffer.from(key + forge.pki.certificateToPem(leaf)), {
    policy: { contentType: "application/x-pem-file" },
  });
  assert.deepEqual(Buffer.from(certificate.cer), derOf(leaf));
  assert.equal(certificate.policy.contentType, "application/x-pem-file");
});

test("list over more than one page", patience, async () => {
  const wanted = new Set();
  for (let i = 0; i < 27; i++) {
    const name = named(`listed${i}`);
    await imported(name);
    wanted.add(name);
  }
  const found = [];
  let pages = 0;
  for await (const page of client.listPropertiesOfCertificates().byPage()) {
    assert.ok(page.length <= 25, `a page of ${page.length}`);
    pages++;
    found.push(...page.map((properties) => properties.name));
  }
  assert.ok(pages > 1, `${pages} pages`);
  assert.equal(new Set(found).size, found.length);
  for (const name of wanted) assert.ok(found.includes(name), name);
});

test("list versions and pending certificates", patience, async () => {
  const name = named("versions");
  const versions = [];
  for (let i = 0; i < 3; i++) versions.push((await imported(name)).certificate.properties.version);
  const listed = await all(client.listPropertiesOfCertificateVersions(name));
  assert.deepEqual(listed.map((properties) => properties.version).sort(), versions.sort());

  const waiting = named("waiting");
  await client.beginCreateCertificate(waiting, policy(waiting, "Unknown"), polling);
  const finished = await all(client.listPropertiesOfCertificates());
  const everything = await all(client.listPropertiesOfCertificates({ includePending: true }));
  assert.ok(!finished.some((properties) => properties.name === waiting));
  assert.ok(everything.some((properties) => properties.name === waiting));
});

test("delete and recover", patience, async () => {
  const name = named("recover");
  const { der, certificate } = await imported(name);
  const deleted = await (await client.beginDeleteCertificate(name, polling)).pollUntilDone();
  assert.equal(deleted.recoveryId, `${url}/deletedcertificates/${name}`);
  assert.ok(deleted.scheduledPurgeDate > deleted.deletedOn);
  await refused(404, "CertificateNotFound", client.getCertificate(name));
  assert.ok((await all(client.listDeletedCertificates())).some((item) => item.name === name));
  await refused(409, "Conflict", imported(name));

  const recovered = await (await client.beginRecoverDeletedCertificate(name, polling)).pollUntilDone();
  assert.equal(recovered.properties.version, certificate.properties.version);
  assert.deepEqual(Buffer.from((await client.getCertificate(name)).cer), der);
  await refused(404, "CertificateNotFound", client.getDeletedCertificate(name));
});

test("backup, purge and restore", patience, async () => {
  const name = named("backup");
  const { der, certificate } = await imported(name);
  const backup = await client.backupCertificate(name);
  await (await client.beginDeleteCertificate(name, polling)).pollUntilDone();
  await client.purgeDeletedCertificate(name);
  let restored;
  for (const end = Date.now() + 30_000; !restored; ) {
    try {
      restored = await client.restoreCertificateBackup(backup);
    } catch (error) {
      if (error.statusCode !== 409 || Date.now() > end) throw error; // 409: the purge is still under way
      await new Promise((wake) => setTimeout(wake, polling.intervalInMs));
    }
  }
  assert.equal(restored.properties.version, certificate.properties.version);
  assert.deepEqual(Buffer.from(restored.cer), der);
});

test("update properties and policy", patience, async () => {
  const name = named("update");
  const { certificate } = await imported(name);
  const { version } = certificate.properties;
  const updated = await client.updateCertificateProperties(name, version, { enabled: false, tags: { colour: "green" } });
  assert.equal(updated.properties.enabled, false);
  assert.deepEqual({ ...updated.properties.tags }, { colour: "green" });
  await client.updateCertificatePolicy(name, {
    issuerName: "Self",
    subject: "CN=updated.example.com",
    validityInMonths: 3,
    lifetimeActions: [{ action: "EmailContacts", lifetimePercentage: 70 }],
  });
  const changed = await client.getCertificatePolicy(name);
  assert.equal(changed.validityInMonths, 3);
  assert.equal(changed.issuerName, "Self");
  assert.equal(changed.lifetimeActions[0].lifetimePercentage, 70);
});

test("issuers and contacts", patience, async () => {
  const issuer = named("issuer");
  await client.createIssuer(issuer, "Test", { accountId: "someone", password: "secret" });
  const read = await client.getIssuer(issuer);
  // The library's own name of an issuer is wrong ("issuers", the second part of the path): the id is what came.
  assert.equal(read.id, `${url}/certificates/issuers/${issuer}`);
  assert.equal(read.provider, "Test");
  assert.equal(read.accountId, "someone");
  assert.equal(read.password, undefined);
  assert.ok((await all(client.listPropertiesOfIssuers())).some((item) => item.id === read.id));
  await client.deleteIssuer(issuer);
  await refused(404, "CertificateIssuerNotFound", client.getIssuer(issuer));

  const contacts = await client.setContacts([{ email: "admin@example.com", name: "Admin", phone: "1111" }]);
  assert.equal(contacts[0].email, "admin@example.com");
  assert.equal((await client.getContacts())[0].phone, "1111");
  await client.deleteContacts(); // the library forgets what it is answered
  await refused(404, "ContactsNotFound", client.getContacts());
});

test("a wrong token is refused", patience, async () => {
  const stranger = new CertificateClient(
    url,
    { getToken: async () => ({ token: "wrong", expiresOnTimestamp: Date.now() + 3_600_000 }) },
    { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } },
  );
  await assert.rejects(stranger.getContacts(), (error) => error.statusCode === 401);
});
