"""A real SMTP server (aiosmtpd) with TLS and a login, for one test."""
import datetime
import email
import email.policy
import ipaddress
import pathlib
import socket
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stand_ins.stand_in import StandIn


def make_certificate(folder, address):
    """Files of a certificate of its own making for an IP address, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "walpulse test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256()))
    cert_file, key_file = pathlib.Path(folder) / "cert.pem", pathlib.Path(folder) / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                           serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return cert_file, key_file


class MailServer(StandIn):
    """`tls`: None, "starttls" or "smtps". `replies`: what the next mails get in the place of 250."""

    def __init__(self, folder, tls="starttls", user="walpulse", password="hush-hush",
                 address="127.0.0.2"):
        self.address, self.user, self.password = address, user, password
        self.mails, self.replies, self.logins = [], [], 0
        self.ca_file, key_file = make_certificate(folder, address)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.ca_file, key_file)
        outer = self

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                if outer.replies:
                    return outer.replies.pop(0)
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                outer.mails.append((envelope.mail_from, envelope.rcpt_tos, message))
                return f"250 2.0.0 queued as {len(outer.mails)}"

        def login(_server, _session, _envelope, _mechanism, data):
            outer.logins += 1
            right = (data.login.decode(), data.password.decode()) == (user, password)
            return AuthResult(success=right, handled=False)  # else nobody answers a refusal

        settings = {"authenticator": login, "auth_required": user is not None,
                    "auth_require_tls": tls == "starttls"}
        if tls == "starttls":
            settings |= {"tls_context": context, "require_starttls": True}
        self.controller = Controller(Handler(), hostname=address, port=0,
                                     ssl_context=context if tls == "smtps" else None, **settings)
        # The port is known once the kernel has chosen it.
        self.controller.port = _free_port(address)
        self.controller.start()
        scheme = "smtps" if tls == "smtps" else "smtp"
        self.url = f"{scheme}://{address}:{self.controller.port}"

    def stop(self):
        self.controller.stop()


def _free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]
