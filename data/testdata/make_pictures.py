"""Writes small pictures of many kinds into pictures/, and into golden.json what Pillow makes of each: RGB as it is, and
resized to 16x16 px with BICUBIC. Run: python make_pictures.py (Pillow 11.3.0)"""

import base64
import json
import pathlib
import struct
import zlib

from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent
OUT = HERE / "pictures"
WIDTH, HEIGHT = 45, 31  # odd, so that halved colour resolutions have a rest


def scene(mode="RGB"):
    """Slopes, an edge and a disc, different in every corner."""
    img = Image.new("RGBA", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            r, g, b = 40 + 4 * x, 220 - 5 * y, 60 + 2 * x + 2 * y
            if (x - 12) ** 2 + (y - 10) ** 2 < 49:
                r, g, b = 230, 40, 50
            if x > 30 and y > 18:
                r, g, b = 30, 60, 200
            img.putpixel((x, y), (min(r, 255), max(g, 0), min(b, 255), 255 if (x + y) % 7 else 40))
    return img.convert(mode) if mode != "RGBA" else img


def png(path, depth, colour_type, rows, chunks=()):
    """A PNG by hand, for the kinds that Pillow does not write."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour_type, 0, 0, 0)
    body = b"".join(chunk(n, c) for n, c in chunks)
    raw = b"".join(b"\0" + row for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def write_pictures():
    OUT.mkdir(exist_ok=True)
    rgb, rgba, grey = scene(), scene("RGBA"), scene("L")
    for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
        rgb.save(OUT / f"rgb-{name}.jpg", quality=92, subsampling=subsampling)
    rgb.save(OUT / "progressive.jpg", quality=92, progressive=True)
    grey.save(OUT / "grey.jpg", quality=92)
    rgb.convert("CMYK").save(OUT / "cmyk.jpg", quality=92)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        rgb.save(OUT / f"exif-{orientation}.jpg", quality=92, subsampling=0, exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb.save(OUT / "exif-6.png", exif=exif)
    rgb.save(OUT / "exif-6.webp", lossless=True, exif=exif)
    rgb.save(OUT / "rgb.png")
    rgba.save(OUT / "rgba.png")
    grey.save(OUT / "grey.png")
    rgba.convert("LA").save(OUT / "grey-alpha.png")
    rgb.quantize(16).save(OUT / "palette.png")
    rgb.quantize(16).save(OUT / "palette-transparent.png", transparency=3)
    grey.convert("1").save(OUT / "bilevel.png")
    wide = [bytes(b for v in rgb.crop((0, y, WIDTH, y + 1)).tobytes() for b in (v, 77)) for y in range(HEIGHT)]
    png(OUT / "rgb-16-bit.png", 16, 2, wide)
    wide = [bytes(b for v in grey.crop((0, y, WIDTH, y + 1)).tobytes() for b in (v, 77)) for y in range(HEIGHT)]
    png(OUT / "grey-16-bit.png", 16, 0, wide)
    rgb.save(OUT / "lossy.webp", quality=90)
    rgb.save(OUT / "lossless.webp", lossless=True)
    rgba.save(OUT / "rgba-lossy.webp", quality=90, exact=True)
    rgb.quantize(32).save(OUT / "still.gif")
    frames = [rgb.quantize(32), ImageOps.flip(rgb).quantize(32)]
    frames[0].save(OUT / "animated.gif", save_all=True, append_images=frames[1:])
    rgb.save(OUT / "rgb.bmp")
    rgb.save(OUT / "rgb.tif")
    rgb.save(OUT / "lzw.tif", compression="tiff_lzw")


def as_rgb(path):
    img = ImageOps.exif_transpose(Image.open(path))
    if path.name == "grey-16-bit.png":  # Pillow clips instead of scaling
        return scene("L").convert("RGB")
    return img.convert("RGB")


write_pictures()
golden = []
for path in sorted(OUT.iterdir()):
    img = as_rgb(path)
    small = img.resize((16, 16), Image.Resampling.BICUBIC)
    golden.append({
        "file": path.name, "size": img.size,
        "rgb": base64.b64encode(zlib.compress(img.tobytes(), 9)).decode(),
        "small": base64.b64encode(small.tobytes()).decode(),
    })
(HERE / "golden.json").write_text("[\n" + ",\n".join(json.dumps(g) for g in golden) + "\n]\n")
