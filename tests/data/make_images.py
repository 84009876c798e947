#!/usr/bin/env python3
"""Makes tests/data/images: small pictures of every kind and, in images.json, what they decode to.

Run by hand (Pillow 13.0.0, numpy 2.4.6): python3 tests/data/make_images.py PHOTOS
PHOTOS holds the 20 embedded photos, whose pixels' SHA-256 goes into images.json.
The PNGs are written sample by sample here, so that every colour type, depth and interlacing occurs;
their expected pixels are computed from those samples. JPEGs are written and decoded by Pillow.
"""
import hashlib
import io
import json
import pathlib
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps

OUT = pathlib.Path(__file__).resolve().parent / "images"
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "embedded_pair"
PNG = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
expected = {}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width, height, depth, colour, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def packed(row, depth):
    values = [int(v) for v in row.reshape(-1)]
    if depth == 16:
        return b"".join(struct.pack(">H", v) for v in values)
    bits = "".join(format(v, "0%db" % depth) for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def filtered(rows, depth, channels):
    """Filter types 0 to 4 in turn, as the specification defines them."""
    step = max(1, depth * channels // 8)
    out, before = b"", None
    for number, row in enumerate(rows):
        kind, line = number % 5, bytearray()
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = before[i] if before else 0
            c = before[i - step] if before and i >= step else 0
            p = a + b - c
            paeth = min((abs(p - v), order, v) for order, v in enumerate((a, b, c)))[2]
            line.append((value - (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
        out += bytes([kind]) + bytes(line)
        before = row
    return out


def png(samples, depth, colour, interlace=0, extra=b"", split=False):
    height, width = samples.shape[:2]
    data = b""
    for x, y, step_x, step_y in (ADAM7 if interlace else ((0, 0, 1, 1),)):
        part = samples[y::step_y, x::step_x]
        if part.size:
            data += filtered([packed(row, depth) for row in part], depth, CHANNELS[colour])
    data = zlib.compress(data, 9)
    parts = [data[i:i + 100] for i in range(0, len(data), 100)] if split else [data]
    return (PNG + header(width, height, depth, colour, interlace) + extra
            + b"".join(chunk(b"IDAT", part) for part in parts) + chunk(b"IEND", b""))


def over_white(rgb, alpha):
    rgb, alpha = rgb.astype(np.int64), alpha.astype(np.int64)[..., None]
    return ((rgb * alpha + 255 * (255 - alpha)) / 255 + 0.5).astype(np.uint8)


def keep(name, data, person, contest):
    (OUT / name).write_bytes(data)
    expected[name] = {"width": person.shape[1], "height": person.shape[0], "person": person.tobytes().hex()}
    if contest is not None:
        expected[name].update(contest_width=contest.shape[1], contest=contest.tobytes().hex())


def make_pngs():
    rng = np.random.default_rng(3)
    palette = rng.integers(0, 256, (256, 3)).astype(np.uint8)
    opacity = rng.integers(0, 256, 256).astype(np.uint8)
    for colour, depths in DEPTHS.items():
        for depth in depths:
            for interlace in (0, 1):
                samples = rng.integers(0, 1 << depth, (11, 13, CHANNELS[colour]))
                extra, alpha = b"", None
                if colour == 3:
                    extra = chunk(b"PLTE", palette[:1 << depth].tobytes())
                    rgb = palette[samples[..., 0]]
                else:
                    wide = samples >> 8 if depth == 16 else samples * 255 // ((1 << depth) - 1)
                    wide = wide.astype(np.uint8)
                    rgb = wide[..., :3] if colour in (2, 6) else np.repeat(wide[..., :1], 3, 2)
                    alpha = wide[..., -1] if colour in (4, 6) else None
                person = over_white(rgb, alpha) if alpha is not None else rgb
                name = f"png-type{colour}-{depth}bit{'-interlaced' if interlace else ''}.png"
                data = png(samples, depth, colour, interlace, extra, split=depth == 8)
                contest = rgb if alpha is not None else None
                if colour == 0 and depth == 16:  # Pillow clips it instead of taking the high byte
                    contest = np.repeat(np.minimum(samples, 255).astype(np.uint8), 3, 2)
                keep(name, data, person, contest)
                if depth < 16 or colour == 0:
                    peer = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
                    assert (peer == (rgb if contest is None else contest)).all(), name

    samples = rng.integers(0, 16, (11, 13, 1))
    extra = chunk(b"PLTE", palette[:16].tobytes()) + chunk(b"tRNS", opacity[:9].tobytes())
    alpha = np.concatenate([opacity[:9], np.full(7, 255, np.uint8)])[samples[..., 0]]
    rgb = palette[samples[..., 0]]
    keep("png-palette-trns.png", png(samples, 4, 3, 0, extra), over_white(rgb, alpha), rgb)
    keep("png-palette-trns-interlaced.png", png(samples, 4, 3, 1, extra), over_white(rgb, alpha), rgb)

    samples = rng.integers(0, 4, (11, 13, 1))
    rgb = np.repeat((samples * 85).astype(np.uint8), 3, 2)
    alpha = np.where(samples[..., 0] == 2, 0, 255)
    keep("png-grey-trns.png", png(samples, 2, 0, 0, chunk(b"tRNS", struct.pack(">H", 2))), over_white(rgb, alpha), rgb)

    # One colour is transparent, its neighbours that differ in a low byte alone are not.
    samples = np.full((4, 4, 3), 0x1234)
    samples[1, 1, 2] = 0x1235
    samples[3] = 0xff00
    rgb = (samples >> 8).astype(np.uint8)
    alpha = np.where((samples == 0x1234).all(2), 0, 255)
    keep("png-rgb16-trns.png", png(samples, 16, 2, 0, chunk(b"tRNS", struct.pack(">HHH", *[0x1234] * 3))),
         over_white(rgb, alpha), rgb)

    samples = rng.integers(0, 256, (5, 8, 3))
    rgb = samples.astype(np.uint8)
    extra = (chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"Comment\0hello")
             + chunk(b"zTXt", b"Bomb\0\0" + zlib.compress(bytes(1 << 20), 9))
             + chunk(b"eXIf", exif(6, ">")) + chunk(b"prVt", b"unknown"))
    keep("png-chunks-exif6.png", png(samples, 8, 2, 0, extra), np.ascontiguousarray(np.rot90(rgb, -1)), rgb)
    for size in ((1, 1), (3, 1), (1, 9)):  # some Adam7 passes are empty
        samples = rng.integers(0, 256, (size[1], size[0], 3))
        keep(f"png-{size[0]}x{size[1]}-interlaced.png", png(samples, 8, 2, 1), samples.astype(np.uint8), None)


def exif(orientation, order):
    return ((b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8) + struct.pack(order + "H", 2)
            + struct.pack(order + "HHIHH", 0x0100, 3, 1, 77, 0)
            + struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(order + "I", 0))


def picture(width, height, channels=3):
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 // width, y * 255 // height, (x * 7 + y * 13) % 256, (x + y) * 255 // (width + height)]
    return np.stack(planes[:channels], 2).astype(np.uint8)


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def make_jpegs():
    rgb = Image.fromarray(picture(37, 29))
    cmyk = Image.merge("CMYK", [Image.fromarray(np.ascontiguousarray(picture(37, 29, 4)[..., i])) for i in range(4)])
    files = {
        "jpeg-grey.jpg": jpeg(rgb.convert("L")),
        "jpeg-444.jpg": jpeg(rgb, quality=90, subsampling=0),
        "jpeg-422.jpg": jpeg(rgb, quality=80, subsampling=1),
        "jpeg-420.jpg": jpeg(rgb, quality=75, subsampling=2),
        "jpeg-rgb.jpg": jpeg(rgb, quality=90, keep_rgb=True),
        "jpeg-restart.jpg": jpeg(rgb, quality=75, restart_marker_blocks=2),
        "jpeg-progressive.jpg": jpeg(rgb, quality=85, progressive=True),
        "jpeg-cmyk.jpg": jpeg(cmyk, quality=90),
    }
    adobe = files["jpeg-cmyk.jpg"]
    at = adobe.index(b"Adobe") + 11
    assert adobe[at] == 0  # the transform: 0 = CMYK, 2 = YCCK
    files["jpeg-ycck.jpg"] = adobe[:at] + b"\x02" + adobe[at + 1:]
    files["jpeg-trailing.jpg"] = files["jpeg-420.jpg"] + b"appended by a phone"
    for name, data in files.items():
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        keep(name, data, pixels, None)

    upright = picture(24, 16)
    for orientation in range(1, 9):
        block = b"Exif\0\0" + exif(orientation, "<" if orientation % 2 else ">")
        data = jpeg(Image.fromarray(upright), quality=90, subsampling=0, exif=block)
        stored = Image.open(io.BytesIO(data))
        turned = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
        keep(f"jpeg-exif{orientation}.jpg", data, turned, np.asarray(stored.convert("RGB")))


def make_bad():
    bad = OUT / "bad"
    bad.mkdir(exist_ok=True)
    samples = np.random.default_rng(4).integers(0, 256, (20, 20, 3))
    good = png(samples, 8, 2)
    ihdr = header(20, 20, 8, 2)
    data = chunk(b"IDAT", zlib.compress(filtered([packed(row, 8) for row in samples], 8, 3)))
    end = chunk(b"IEND", b"")
    tiny = chunk(b"IDAT", zlib.compress(b""))
    progressive = jpeg(Image.fromarray(picture(64, 64)), progressive=True)
    scan = progressive[progressive.rindex(b"\xff\xda"):-2]
    second = progressive.index(b"\xff\xda", progressive.index(b"\xff\xda") + 2)
    photo = jpeg(Image.fromarray(picture(64, 64)))
    at = photo.index(b"\xff\xc0") + 5
    files = {
        "text.png": b"this is a text file\n",
        "empty.png": b"",
        "signature-only.png": PNG,
        "chunk-2gb.png": PNG + ihdr + struct.pack(">I", 0x7fffffff) + b"IDAT" + bytes(16),
        "chunk-4gb.png": PNG + ihdr + struct.pack(">I", 0xffffffff) + b"IDAT" + bytes(16),
        "20000x20000.png": PNG + header(20000, 20000, 8, 2) + tiny + end,
        "16000x6000-claimed.png": PNG + header(16000, 6000, 8, 2) + tiny + end,
        "16384x16384-grey1.png": PNG + header(16384, 16384, 1, 0) + tiny + end,
        "zero-width.png": PNG + header(0, 20, 8, 2) + data + end,
        "depth-3.png": PNG + header(20, 20, 3, 0) + data + end,
        "palette-16bit.png": PNG + header(20, 20, 16, 3) + data + end,
        "interlace-2.png": PNG + header(20, 20, 8, 2, 2) + data + end,
        "no-palette.png": PNG + header(20, 20, 8, 3) + data + end,
        "no-ihdr.png": PNG + data + end,
        "two-ihdr.png": PNG + ihdr + ihdr + data + end,
        "no-idat.png": PNG + ihdr + end,
        "no-iend.png": PNG + ihdr + data,
        "unknown-critical.png": PNG + ihdr + chunk(b"ABCD", b"") + data + end,
        "crc-ihdr.png": good[:29] + bytes([good[29] ^ 1]) + good[30:],
        "crc-idat.png": good[:-13] + bytes([good[-13] ^ 1]) + good[-12:],
        "crc-text.png": PNG + ihdr + chunk(b"tEXt", b"a\0b")[:-1] + b"\0" + data + end,
        "flipped-data.png": PNG + ihdr + chunk(b"IDAT", data[8:40] + bytes([data[40] ^ 255]) + data[41:-4]) + end,
        "short-data.png": PNG + header(20, 40, 8, 2) + data + end,
        "truncated.jpg": photo[:len(photo) * 2 // 3],
        "no-end-marker.jpg": photo[:-2],
        "header-only.jpg": photo[:at + 20],
        "65500x65500.jpg": photo[:at] + struct.pack(">HH", 65500, 65500) + photo[at + 4:],
        "16000x6000-claimed.jpg": photo[:at] + struct.pack(">HH", 6000, 16000) + photo[at + 4:],
        "flipped-data.jpg": photo[:-40] + bytes(b ^ 0x5a for b in photo[-40:-20]) + photo[-20:],
        "many-scans.jpg": progressive[:-2] + scan * 150 + b"\xff\xd9",
        "scans-missing.jpg": progressive[:second] + b"\xff\xd9",
        "scans-missing-no-end.jpg": progressive[:second],
        "cgbi.png": PNG + chunk(b"CgBI", b"\x50\x00\x20\x02") + ihdr + data + end,
        "lfs-pointer.png": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n",
        "page.jpg": b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n",
        "webp.png": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00",
        "two-components.jpg": b"\xff\xd8\xff\xc0\x00\x0e\x08\x00\x08\x00\x08\x02\x01\x11\x00\x02\x11\x00\xff\xd9",
    }
    assert len(files["chunk-2gb.png"]) == 57
    for name, content in files.items():
        (bad / name).write_bytes(content)


def make_diff():
    """Differences of two goldens, computed the plain way: a 2-D window at every place."""
    a = np.asarray(Image.open(GOLDEN / "imagenet_00_243.clean.png").convert("RGB")).astype(float)
    b = np.asarray(Image.open(GOLDEN / "imagenet_00_243.sub-step-10.png").convert("RGB")).astype(float)
    g = np.exp(-0.5 * ((np.arange(11) - 5) / 1.5) ** 2)
    window = np.outer(g, g) / np.outer(g, g).sum()
    luma = [image @ (0.299, 0.587, 0.114) for image in (a, b)]

    def mean(plane):
        return (np.lib.stride_tricks.sliding_window_view(plane, (11, 11)) * window).sum((2, 3))

    x, y = luma
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ssim = ((2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean()
    expected["diff"] = {"linf": int(abs(a - b).max()), "l2": float(np.sqrt(((a - b) ** 2).mean())),
                        "l2_norm": float(np.linalg.norm((a - b) / 255)), "ssim": float(ssim),
                        "changed": float((a != b).any(2).mean())}


def make_photo_digests(photos):
    expected["photos"] = {path.name: hashlib.sha256(np.asarray(Image.open(path).convert("RGB")).tobytes()).hexdigest()
                          for path in sorted(photos.glob("*.jpg"))}


def one_a_line(values):
    lines = (json.dumps(key) + ": " + json.dumps(value) for key, value in values.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    OUT.mkdir(exist_ok=True)
    make_pngs()
    make_jpegs()
    make_bad()
    make_diff()
    make_photo_digests(pathlib.Path(sys.argv[1]))
    (OUT / "images.json").write_text(one_a_line(expected))


if __name__ == "__main__":
    main()
