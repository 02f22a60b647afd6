"""The keys of carrying: Ed25519 pairs (RFC 8032) through `cryptography`, as PEM files that OpenSSL reads too.

The private key stays with the sending site, readable by its owner alone; its public key is put into the receiving
side's folder of trusted keys as `SITE.pub`. While a site changes its key, that file holds both, one after the other.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from models.errors import ConfigurationError, InputError
from streams.carrying.settings import SITE_PATTERN

SIGNATURE_BYTES = 64
PUBLIC = ".pub"
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)

Trusted = Mapping[str, Sequence[Ed25519PublicKey]]


def make_key(private: Path) -> Path:
    """Make a pair: the private key in a new file (0600), the public key beside it with `.pub`; returns the latter.
    Raises `InputError` when either exists: a key is never overwritten."""
    public = private.with_name(private.name + PUBLIC)
    key = Ed25519PrivateKey.generate()
    parts = (
        (private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600),
        (public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644),
    )
    for path, data, mode in parts:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(data)
        except OSError as error:
            raise InputError(
                f"无法写入密钥: {error.strerror} / the key cannot be written: {error.strerror}",
                where=str(path),
                mend="换一个文件名 / choose another name",
            ) from None
    return public


def load_private(path: str) -> Ed25519PrivateKey:
    """Raises `ConfigurationError` for a file that is missing or holds something else."""
    if not path:
        raise ConfigurationError(
            "没有签名密钥 / there is no key to sign with",
            where="carry.private_key",
            mend="先运行 jianzhen carry key / run it first",
        )
    try:
        key = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"私钥无法读取 / the private key cannot be read: {type(error).__name__}", where=path
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError("不是 Ed25519 私钥 / not an Ed25519 private key", where=path)
    return key


def load_trusted(folder: str) -> Trusted:
    """The public keys by site. Raises `ConfigurationError` for a folder without any, and for a file that is no key."""
    files = sorted(Path(folder).glob(f"*{PUBLIC}")) if folder else []
    if not files:
        raise ConfigurationError(
            "没有可信公钥 / no public key is trusted",
            where=folder or "carry.trusted_keys",
            mend="放入 站点名.pub / put SITE.pub there",
        )
    return {file.name.removesuffix(PUBLIC): _public_keys(file) for file in files}


def verified(keys: Sequence[Ed25519PublicKey], content: bytes, signature: bytes) -> bool:
    """Whether one of the keys signed exactly this content."""
    for key in keys:
        try:
            key.verify(signature, content)
        except InvalidSignature:
            continue
        return True
    return False


def _public_keys(file: Path) -> Sequence[Ed25519PublicKey]:
    if not re.fullmatch(SITE_PATTERN, file.name.removesuffix(PUBLIC)):
        raise ConfigurationError("文件名不是站点名 / the file is not named for a site", where=str(file))
    try:
        keys = [load_pem_public_key(found) for found in _PEM.findall(file.read_bytes())]
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"公钥无法读取 / the public key cannot be read: {type(error).__name__}", where=str(file)
        ) from None
    chosen = [key for key in keys if isinstance(key, Ed25519PublicKey)]
    if not chosen or len(chosen) != len(keys):
        raise ConfigurationError("不是 Ed25519 公钥 / not an Ed25519 public key", where=str(file))
    return chosen
