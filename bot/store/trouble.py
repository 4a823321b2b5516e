"""What went wrong with a server, in an admin's words: what it is and what to change; never a secret."""

import redis

_KNOWN: tuple[tuple[tuple[str, ...], str], ...] = (
    (("network:ConnectionError", "network:TimeoutError"), "none of the Sentinels answers"),
    (("NOAUTH", "Authentication required"), "it wants a password: redis://:PASSWORD@HOST:6379/0"),
    (
        ("WRONGPASS", "invalid username-password", "invalid password", "AuthenticationError"),
        "it refuses the password or the user",
    ),
    (
        ("DB index is out of range", "invalid DB index", "integer or out of range"),
        "it has no database of that number",
    ),
    (
        ("MovedError", "AskError", "SELECT is not allowed in cluster mode"),
        "it is part of a cluster: write redis+cluster:// and no database",
    ),
    (("NOPERM", "NoPermissionError", "has no permissions"), "its user may not do all that the bot does"),
    (("Cluster mode is not enabled", "cluster support disabled"), "it is no cluster: write redis://"),
    (("ReadOnlyError", "READONLY"), "it is a replica, which takes no writes: name the primary, or Sentinel"),
    (("OOM ", "OutOfMemoryError"), "it is full (maxmemory) and takes no writes"),
    (("MISCONF",), "it cannot save to its disk and takes no writes"),
    (("NOREPLICAS",), "it has fewer replicas than it wants and takes no writes"),
    (("BusyLoadingError", "LOADING"), "it is still loading its data"),
    (("certificate verify failed: Hostname", "IP address mismatch"), "its certificate is for another name"),
    (("certificate has expired",), "its certificate has expired"),
    (("CERTIFICATE_VERIFY_FAILED",), "its certificate is not trusted here: add ?ssl_ca_certs=/path/ca.pem"),
    (
        ("CERTIFICATE_REQUIRED", "certificate required"),
        "it wants a certificate of ours: add ?ssl_certfile=/path/crt.pem&ssl_keyfile=/path/key.pem",
    ),
    (("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"), "it speaks no TLS: write redis:// for rediss://"),
    (("handshake operation timed out",), "it speaks no TLS, or does not answer in time: is it redis://?"),
    (("\\x15\\x03",), "it speaks TLS only: write rediss:// for redis://"),
    (("No such file or directory",), "a file that the address names is not there"),
    (("Permission denied",), "this user may not open its socket"),
    (
        ("Name or service not known", "name resolution", "nodename nor servname", "No address associated"),
        "there is no host of that name",
    ),
    (("refused",), "nothing listens there"),
    (("No route to host", "unreachable"), "the network does not lead there"),
    (("unknown command",), "it lacks a command that the bot needs; is it a Sentinel (redis+sentinel://)?"),
    (("Protocol Error", "InvalidResponse"), "what answers there is no Redis"),
    (("TimeoutError", "timed out", "Timeout"), "it does not answer in time"),
    (
        ("closed by server", "Connection reset", "EOF", "Broken pipe"),
        "it hangs up without a word: is it a Redis, does it want TLS (rediss://), or a certificate of ours?",
    ),
    (("No master found",), "no Sentinel knows a primary of that service"),
)
"""Marks in what redis-py and the system say -> our words; the first that fits."""


def in_words(error: BaseException) -> str:
    """The trouble; one that is not known here goes by its name, as its text may hold anything."""
    said = " ".join(f"{type(each).__name__}: {each}" for each in _chain(error))
    for marks, words in _KNOWN:
        if any(mark in said for mark in marks):
            return words
    return f"{type(error).__name__}" + (f": {error}" if isinstance(error, redis.ResponseError) else "")


def _chain(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain
