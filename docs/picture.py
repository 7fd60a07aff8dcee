"""Makes docs/picture.png, the README's picture, from what the notebooks store."""

import base64
import io
from pathlib import Path

import nbformat
from PIL import Image

HERE = Path(__file__).parent


def stored_picture(notebook, marker):
    """The PNG that the first cell whose source contains ``marker`` stores."""
    cells = nbformat.read(HERE.parent / "notebooks" / notebook, as_version=4).cells
    cell = next(cell for cell in cells if cell.cell_type == "code" and marker in cell.source)
    png = next(
        output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})
    )
    return Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")


game = stored_picture("06_one_dimensional_gan.ipynb", "panel_a, panel_b, panel_c, panel_d")
digits = stored_picture("09_mnist_gan.ipynb", "for _, drawn in frames")
picture = Image.new(
    "RGB", (max(game.width, digits.width), game.height + digits.height + 20), "white"
)
picture.paste(game, ((picture.width - game.width) // 2, 0))
picture.paste(digits, ((picture.width - digits.width) // 2, game.height + 20))
picture.save(HERE / "picture.png", optimize=True)
