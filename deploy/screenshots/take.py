#!/usr/bin/env python3
"""Takes the pictures of the page that README.md shows: the view Now on a desk and on a phone.

    take.py          of the night that the samples of the API tell: one failing, one that did not start, one too long
    take.py URL      of a monitor that runs, as it is
"""
import copy
import pathlib
import struct
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests_integration"))

from harness import janitor
from harness.browser import DESK, PHONE, Reader, browser
from stand_ins.page_api import PageApi, sample

BYTES_MAX = 150_000


def night():
    """{path: answer}: the samples without what is in them to try the page."""
    problems, overview = sample("problems"), sample("overview")
    told = [each for each in problems["items"] if each["kind"] != "blind" and "<" not in each["subject"]]
    for each in told:
        each["last_ends"] = varied(each["last_ends"], each["id"])
    problems |= {"items": told, "total": len(told)}
    for count in overview["counts"]:
        mine = [each for each in told if each["kind"] == count["kind"]]
        count["open"] = sum(each["state"] == "open" for each in mine)
        count["muted"] = sum(each["state"] == "muted" for each in mine)
    overview["muted_count"] = sum(each["state"] == "muted" for each in told)
    overview["pipelines"]["fine"] = overview["pipelines"]["total"] - len(told)
    return {"/problems": problems, "/overview": overview}


def varied(ends, seed):
    """Durations that differ as real ones do, the same in every picture."""
    ends = copy.deepcopy(ends)
    for number, end in enumerate(ends):
        end["seconds"] *= 0.6 + (sum(map(ord, seed)) * (number + 7) * 37 % 80) / 100
    return ends


def lines_of(pixels, width):
    """A picture's lines of `width` bytes, three a pixel, without PNG's filters (RFC 2083, section 6)."""
    before = bytearray(width)
    for start in range(0, len(pixels), width + 1):
        kind, line = pixels[start], bytearray(pixels[start + 1:start + 1 + width])
        for at in range(width if kind else 0):
            left, up = line[at - 3] if at > 2 else 0, before[at]
            corner = before[at - 3] if at > 2 else 0
            nearest = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
            line[at] = (line[at] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
        yield bytes(line)
        before = line


def packed(png):
    """The same picture in fewer bytes: text packs best without the filters that a browser applies to everything."""
    chunks, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        chunks.append((kind, png[at + 8:at + 8 + length]))
        at += 12 + length
    width, _, depth, colours = struct.unpack(">IIBB", chunks[0][1][:10])
    assert (depth, colours) == (8, 2), "a browser's screenshot has three bytes a pixel"
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    plain = zlib.compress(b"".join(b"\0" + line for line in lines_of(pixels, 3 * width)), 9)
    return png[:8] + b"".join(struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))
                              for kind, data in (chunks[0], (b"IDAT", plain), (b"IEND", b"")))


def take(started, url):
    for name, size in (("now-desk", DESK), ("now-phone", PHONE)):
        reader = Reader(started, url, size=size)
        reader.open("/")
        reader.page.wait_for_selector("main section")
        reader.page.wait_for_timeout(500)
        path = HERE / f"{name}.png"
        path.write_bytes(packed(reader.page.screenshot()))
        reader.close()
        if path.stat().st_size > BYTES_MAX:
            sys.exit(f"{path.name} has {path.stat().st_size} bytes, more than {BYTES_MAX}")
        print(f"{path.relative_to(HERE.parents[1])}: {path.stat().st_size // 1000} kB")


def main():
    janitor.hire()
    with browser() as started:
        if len(sys.argv) > 1:
            take(started, sys.argv[1].rstrip("/"))
        else:
            with PageApi(night()) as api:
                take(started, api.url)
    janitor.dismiss()


if __name__ == "__main__":
    main()
