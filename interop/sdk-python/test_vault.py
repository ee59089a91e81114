"""Azure's client library for Python drives a vault: the library's own view of what the service answers is the judge.

KVCONFORM_URL is the vault, KVCONFORM_TOKEN its bearer token, and REQUESTS_CA_BUNDLE a file of the CA to trust.
"""

import datetime
import os
import time
import unittest
import uuid

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.keyvault.certificates import (
    CertificateClient,
    CertificateContact,
    CertificateContentType,
    CertificatePolicy,
    CertificatePolicyAction,
    KeyType,
    LifetimeAction,
    WellKnownIssuerNames,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

# How often a client asks, and how long it does; the vault ends what it can end within seconds.
INTERVAL, PATIENCE = 0.2, 30


class StaticCredential:
    """A credential that has its token already, and notes for what it was asked."""

    def __init__(self, token):
        self.token, self.scopes = token, []

    def get_token(self, *scopes, **_):
        self.scopes.extend(scopes)
        return AccessToken(self.token, int(time.time()) + 3600)


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the authority of a test")])
        self.certificate = self._build(self.name, self.key.public_key(), True)

    def sign(self, public_key, common_name):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        return self._build(subject, public_key, False)

    def _build(self, subject, public_key, authority):
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def spki(public_key):
    return public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


class VaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.url = os.environ["KVCONFORM_URL"]
        cls.credential = StaticCredential(os.environ["KVCONFORM_TOKEN"])
        cls.client = CertificateClient(
            vault_url=cls.url,
            credential=cls.credential,
            verify_challenge_resource=False,
            retry_total=2,
        )
        cls.authority = Authority()

    @classmethod
    def tearDownClass(cls):
        cls.client.close()

    def name(self, purpose):
        return f"python-{purpose}-{uuid.uuid4().hex[:8]}"

    def policy(self, common_name, issuer):
        return CertificatePolicy(issuer, subject=f"CN={common_name}")

    def until(self, what, ask):
        """Asks until the answer is not None."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = ask()
            if answer is not None:
                return answer
            time.sleep(INTERVAL)
        self.fail(f"waited {PATIENCE} s for {what}")

    def created(self, purpose):
        name = self.name(purpose)
        poller = self.client.begin_create_certificate(
            name, self.policy(name, WellKnownIssuerNames.self), _polling_interval=INTERVAL
        )
        return name, poller.result(timeout=PATIENCE)

    def imported(self, name, password=None):
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self.authority.sign(key.public_key(), name)
        encryption = serialization.NoEncryption()
        if password is not None:
            encryption = serialization.BestAvailableEncryption(password.encode())
        pfx = pkcs12.serialize_key_and_certificates(
            name.encode(), key, leaf, [self.authority.certificate], encryption
        )
        return leaf, self.client.import_certificate(name, pfx, password=password)

    def assertRefused(self, status, code, call, kind=HttpResponseError):
        with self.assertRaises(kind) as refused:
            call()
        self.assertEqual(refused.exception.status_code, status)
        self.assertEqual(refused.exception.error.code, code)

    def test_challenge_gives_the_resource(self):
        self.client.get_certificate_policy(self.created("challenge")[0])
        self.assertTrue(self.credential.scopes)
        for scope in self.credential.scopes:
            self.assertTrue(scope.startswith(self.url), scope)

    def test_create_and_poll_until_completed(self):
        name = self.name("create")
        before = int(time.time())
        poller = self.client.begin_create_certificate(
            name,
            self.policy("created.example.com", WellKnownIssuerNames.self),
            tags={"made": "by the test"},
            _polling_interval=INTERVAL,
        )
        self.assertEqual(poller.status(), "inprogress")
        certificate = poller.result(timeout=PATIENCE)
        self.assertEqual(poller.status(), "completed")
        self.assertEqual(certificate.name, name)
        self.assertTrue(certificate.properties.enabled)
        self.assertEqual(certificate.properties.tags, {"made": "by the test"})
        self.assertEqual(certificate.properties.vault_url, self.url)
        self.assertRegex(certificate.properties.version, "^[0-9a-f]{32}$")
        self.assertGreaterEqual(int(certificate.properties.created_on.timestamp()), before - 1)
        self.assertEqual(certificate.key_id, f"{self.url}/keys/{name}/{certificate.properties.version}")
        self.assertEqual(certificate.secret_id, f"{self.url}/secrets/{name}/{certificate.properties.version}")

        issued = x509.load_der_x509_certificate(bytes(certificate.cer))
        self.assertEqual(issued.subject.rfc4514_string(), "CN=created.example.com")
        self.assertEqual(issued.fingerprint(hashes.SHA1()), bytes(certificate.properties.x509_thumbprint))
        self.assertEqual(issued.not_valid_before_utc, certificate.properties.not_before)
        self.assertEqual(issued.not_valid_after_utc, certificate.properties.expires_on)
        self.assertEqual(issued.public_key().key_size, 2048)

        self.assertEqual(certificate.policy.issuer_name, "Self")
        self.assertEqual(certificate.policy.subject, "CN=created.example.com")
        self.assertEqual(certificate.policy.key_type, KeyType.rsa)
        self.assertEqual(certificate.policy.key_size, 2048)
        self.assertEqual(certificate.policy.content_type, CertificateContentType.pkcs12)
        self.assertEqual(certificate.policy.validity_in_months, 12)

        operation = self.client.get_certificate_operation(name)
        self.assertEqual(operation.status, "completed")
        self.assertEqual(operation.target, f"{self.url}/certificates/{name}")
        self.assertFalse(operation.cancellation_requested)
        self.assertIsNone(operation.error)
        request = x509.load_der_x509_csr(bytes(operation.csr))
        self.assertTrue(request.is_signature_valid)
        self.assertEqual(spki(request.public_key()), spki(issued.public_key()))

    def test_cancel_a_request_in_progress(self):
        name = self.name("cancel")
        self.client.begin_create_certificate(name, self.policy(name, "stays"))
        started = self.client.get_certificate_operation(name)
        self.assertEqual((started.status, started.cancellation_requested), ("inProgress", False))
        asked = self.client.cancel_certificate_operation(name)
        self.assertTrue(asked.cancellation_requested)
        self.assertEqual(asked.status, "inProgress")

        def ended():
            operation = self.client.get_certificate_operation(name)
            return operation if operation.status != "inProgress" else None

        ended = self.until("the cancellation", ended)
        self.assertEqual((ended.status, ended.cancellation_requested), ("cancelled", True))
        self.assertIsNone(ended.target)
        self.assertRefused(403, "Forbidden", lambda: self.client.cancel_certificate_operation(name))

    def test_failed_request_tells_its_error(self):
        name = self.name("failed")
        operation = self.client.begin_create_certificate(
            name, self.policy(name, "fails"), _polling_interval=INTERVAL
        ).result(timeout=PATIENCE)
        self.assertEqual(operation.status, "failed")
        self.assertEqual(operation.error.code, "Certificate issuer error")
        self.assertTrue(operation.error.message)

    def test_create_while_in_progress_is_a_conflict(self):
        name = self.name("conflict")
        self.client.begin_create_certificate(name, self.policy(name, "stays"))
        self.assertRefused(
            409,
            "Conflict",
            lambda: self.client.begin_create_certificate(name, self.policy(name, "stays")),
            ResourceExistsError,
        )

    def test_delete_the_pending_request(self):
        name = self.name("pending")
        self.client.begin_create_certificate(name, self.policy(name, WellKnownIssuerNames.unknown))
        before = self.client.get_certificate_operation(name)
        deleted = self.client.delete_certificate_operation(name)
        self.assertEqual(deleted.status, "inProgress")
        self.assertEqual(bytes(deleted.csr), bytes(before.csr))
        for gone in (self.client.get_certificate_operation, self.client.delete_certificate_operation):
            self.assertRefused(404, "PendingCertificateNotFound", lambda: gone(name), ResourceNotFoundError)

    def test_merge_what_another_authority_signed(self):
        name = self.name("merge")
        self.client.begin_create_certificate(name, self.policy("merged.example.com", WellKnownIssuerNames.unknown))
        operation = self.client.get_certificate_operation(name)
        self.assertEqual(operation.issuer_name, "Unknown")
        request = x509.load_der_x509_csr(bytes(operation.csr))
        stranger = self.authority.sign(ec.generate_private_key(ec.SECP256R1()).public_key(), "stranger")
        self.assertRefused(400, "BadParameter", lambda: self.client.merge_certificate(name, [der(stranger)]))

        leaf = self.authority.sign(request.public_key(), "merged.example.com")
        # The library takes a chain as bytes and writes them as base64 by itself.
        merged = self.client.merge_certificate(
            name, [der(leaf), der(self.authority.certificate)], enabled=False, tags={"merged": "yes"}
        )
        self.assertEqual(bytes(merged.cer), der(leaf))
        self.assertEqual(merged.properties.expires_on, leaf.not_valid_after_utc)
        self.assertEqual(merged.properties.tags, {"merged": "yes"})
        self.assertFalse(merged.properties.enabled)
        self.assertEqual(self.client.get_certificate_operation(name).status, "completed")
        self.assertEqual(self.client.get_certificate(name).properties.version, merged.properties.version)

    def test_import_with_a_password(self):
        name = self.name("import")
        leaf, imported = self.imported(name, password="a pass phrase")
        self.assertEqual(bytes(imported.cer), der(leaf))
        self.assertEqual(imported.policy.issuer_name, "Unknown")
        self.assertEqual(imported.policy.key_type, KeyType.ec)
        self.assertEqual(imported.policy.key_curve_name, "P-256")
        read = self.client.get_certificate_version(name, imported.properties.version)
        self.assertEqual(bytes(read.cer), der(leaf))
        self.assertEqual(read.id, imported.id)

    def test_import_pem(self):
        name = self.name("pem")
        key = ec.generate_private_key(ec.SECP384R1())
        leaf = self.authority.sign(key.public_key(), name)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + leaf.public_bytes(serialization.Encoding.PEM)
        imported = self.client.import_certificate(
            name, pem, policy=CertificatePolicy("Unknown", content_type=CertificateContentType.pem)
        )
        self.assertEqual(bytes(imported.cer), der(leaf))
        self.assertEqual(imported.policy.content_type, CertificateContentType.pem)

    def test_list_over_more_than_one_page(self):
        wanted = set()
        for i in range(27):
            name = self.name(f"listed{i}")
            self.imported(name)
            wanted.add(name)
        pages = [list(page) for page in self.client.list_properties_of_certificates().by_page()]
        self.assertGreater(len(pages), 1)
        listed = [properties.name for page in pages for properties in page]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertLessEqual(wanted, set(listed))

    def test_list_versions_and_pending(self):
        name = self.name("versions")
        versions = {self.imported(name)[1].properties.version for _ in range(3)}
        listed = {p.version for p in self.client.list_properties_of_certificate_versions(name)}
        self.assertEqual(listed, versions)
        waiting = self.name("waiting")
        self.client.begin_create_certificate(waiting, self.policy(waiting, WellKnownIssuerNames.unknown))
        finished = {p.name for p in self.client.list_properties_of_certificates()}
        everything = {p.name for p in self.client.list_properties_of_certificates(include_pending=True)}
        self.assertNotIn(waiting, finished)
        self.assertIn(waiting, everything)

    def test_delete_and_recover(self):
        name = self.name("recover")
        leaf, imported = self.imported(name)
        deleted = self.client.begin_delete_certificate(name, _polling_interval=INTERVAL)
        self.assertEqual(deleted.result().name, name)
        deleted.wait(timeout=PATIENCE)
        self.assertRefused(
            404, "CertificateNotFound", lambda: self.client.get_certificate(name), ResourceNotFoundError
        )
        found = self.client.get_deleted_certificate(name)
        self.assertEqual(found.recovery_id, f"{self.url}/deletedcertificates/{name}")
        self.assertGreater(found.scheduled_purge_date, found.deleted_on)
        self.assertIn(name, {d.name for d in self.client.list_deleted_certificates()})
        self.assertRefused(409, "Conflict", lambda: self.imported(name), ResourceExistsError)

        recovering = self.client.begin_recover_deleted_certificate(name, _polling_interval=INTERVAL)
        recovered = recovering.result()
        recovering.wait(timeout=PATIENCE)
        self.assertEqual(recovered.properties.version, imported.properties.version)
        self.assertEqual(bytes(self.client.get_certificate(name).cer), der(leaf))
        self.assertRefused(
            404, "CertificateNotFound", lambda: self.client.get_deleted_certificate(name), ResourceNotFoundError
        )

    def test_backup_purge_and_restore(self):
        name = self.name("backup")
        leaf, imported = self.imported(name)
        backup = self.client.backup_certificate(name)
        self.client.begin_delete_certificate(name, _polling_interval=INTERVAL).wait(timeout=PATIENCE)
        self.client.purge_deleted_certificate(name)

        def restored():
            try:
                return self.client.restore_certificate_backup(backup)
            except ResourceExistsError:
                return None  # the purge is still under way

        restored = self.until("the purge", restored)
        self.assertEqual(restored.properties.version, imported.properties.version)
        self.assertEqual(bytes(restored.cer), der(leaf))

    def test_update_properties_and_policy(self):
        name, certificate = self.created("update")
        updated = self.client.update_certificate_properties(
            name, version=certificate.properties.version, enabled=False, tags={"colour": "green"}
        )
        self.assertFalse(updated.properties.enabled)
        self.assertEqual(updated.properties.tags, {"colour": "green"})
        policy = self.client.get_certificate_policy(name)
        policy._validity_in_months = 3  # the library lets a policy be read and sent back, not be changed
        policy._lifetime_actions = [
            LifetimeAction(CertificatePolicyAction.email_contacts, lifetime_percentage=70)
        ]
        changed = self.client.update_certificate_policy(name, policy)
        self.assertEqual(changed.validity_in_months, 3)
        self.assertEqual(changed.lifetime_actions[0].lifetime_percentage, 70)
        self.assertEqual(changed.lifetime_actions[0].action, CertificatePolicyAction.email_contacts)

    def test_issuers_and_contacts(self):
        issuer = self.name("issuer")
        self.client.create_issuer(issuer, "Test", account_id="someone", password="secret")
        read = self.client.get_issuer(issuer)
        self.assertEqual((read.name, read.provider, read.account_id), (issuer, "Test", "someone"))
        self.assertIsNone(read.password)
        self.assertIn(issuer, {p.name for p in self.client.list_properties_of_issuers()})
        self.client.delete_issuer(issuer)
        self.assertRefused(
            404, "CertificateIssuerNotFound", lambda: self.client.get_issuer(issuer), ResourceNotFoundError
        )
        sent = [CertificateContact(email="admin@example.com", name="Admin", phone="1111")]
        self.assertEqual(self.client.set_contacts(sent)[0].email, "admin@example.com")
        self.assertEqual(self.client.get_contacts()[0].phone, "1111")
        self.assertEqual(self.client.delete_contacts()[0].name, "Admin")
        self.assertRefused(404, "ContactsNotFound", self.client.get_contacts, ResourceNotFoundError)

    def test_wrong_token_is_refused(self):
        stranger = CertificateClient(
            self.url, StaticCredential("wrong"), verify_challenge_resource=False, retry_total=0
        )
        with stranger:
            with self.assertRaises(HttpResponseError) as refused:
                stranger.get_contacts()
        self.assertEqual(refused.exception.status_code, 401)


if __name__ == "__main__":
    unittest.main()
