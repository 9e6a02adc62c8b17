"""Reads what `pg_recvlogical -f -` prints as it comes: when was each transaction's commit, and when was
it received? Every pgoutput message is followed by a line end (PostgreSQL manual, "Logical Replication
Message Formats")."""
import os
import struct
import time

POSTGRES_EPOCH = 946_684_800


class Reader:
    def __init__(self):
        self.bytes = b""
        self.latencies = []

    def read(self, descriptor):
        """What there is to read; False at its end."""
        piece = os.read(descriptor, 1 << 16)
        now = time.time()
        self.bytes += piece
        at = 0
        while (size := self._size(at)) and at + size < len(self.bytes):
            if self.bytes[at:at + 1] == b"C":
                micros, = struct.unpack_from(">q", self.bytes, at + 18)
                self.latencies.append(now - POSTGRES_EPOCH - micros / 1e6)
            at += size + 1
        self.bytes = self.bytes[at:]
        return bool(piece)

    def _size(self, at):
        """Of the message that begins there; None where it is not whole yet."""
        try:
            return {b"B": self._fixed(21), b"C": self._fixed(26), b"R": self._relation,
                    b"Y": self._type, b"I": self._change, b"U": self._change}[
                        self.bytes[at:at + 1]](at) if at < len(self.bytes) else None
        except (struct.error, ValueError):
            return None

    @staticmethod
    def _fixed(size):
        return lambda at: size

    def _text_end(self, at):
        return self.bytes.index(b"\0", at) + 1

    def _relation(self, at):
        end = self._text_end(self._text_end(at + 5)) + 1
        count, = struct.unpack_from(">H", self.bytes, end)
        end += 2
        for _ in range(count):
            end = self._text_end(end + 1) + 8
        return end - at

    def _type(self, at):
        return self._text_end(self._text_end(at + 5)) - at

    def _change(self, at):
        end = at + 5
        while True:
            tag, count = struct.unpack_from(">cH", self.bytes, end)
            end += 3
            for _ in range(count):
                kind, = struct.unpack_from(">c", self.bytes, end)
                end += 1
                if kind == b"t":
                    length, = struct.unpack_from(">I", self.bytes, end)
                    end += 4 + length
            if tag == b"N":
                return end - at
