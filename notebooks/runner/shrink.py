"""Makes the pictures of an executed notebook small enough to be committed.

    python shrink.py < executed.ipynb > small.ipynb

A PNG output that is large, which those with photographs in them are, is brought to normal resolution (figures have two
pixels for one) and to 48 colours. Smaller ones stay as they are.
"""

import base64
import io
import json
import sys

from PIL import Image

WIDTH = 900  # pixels; a figure's width at normal resolution
LARGE = 60_000  # bytes
COLOURS = 48


def shrink(png):
    if len(png) <= LARGE:
        return png
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if image.width > WIDTH:
        height = round(image.height * WIDTH / image.width)
        image = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return min(out.getvalue(), png, key=len)


def main():
    notebook = json.load(sys.stdin)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                png = base64.b64decode("".join(data["image/png"]))
                data["image/png"] = base64.b64encode(shrink(png)).decode() + "\n"
    json.dump(notebook, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
