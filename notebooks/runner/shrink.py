"""Makes the pictures of an executed notebook small enough to be committed.

    python shrink.py < executed.ipynb > small.ipynb

Each PNG output is brought to normal resolution (figures have two pixels for one) and to 48 colours, and takes its
place if that is smaller.
"""

import base64
import io
import json
import sys

from PIL import Image

WIDTH = 900  # pixels; a figure's width at normal resolution
COLOURS = 48


def shrink(png):
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if image.width > WIDTH:
        height = round(image.height * WIDTH / image.width)
        image = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    image = image.quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return min(out.getvalue(), png, key=len)


def main():
    notebook = json.load(sys.stdin)
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                png = base64.b64decode("".join(data["image/png"]))
                data["image/png"] = base64.b64encode(shrink(png)).decode() + "\n"
                output.get("metadata", {}).pop("image/png", None)
    json.dump(notebook, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
