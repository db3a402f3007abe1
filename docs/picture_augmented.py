"""Make the picture of docs/pictures.md anew: ``python -m docs.picture_augmented``, with the first pictures of CIFAR-10.

Set ``FOLDSCAPE_DATA`` to a folder that has them. The pictures are those that the updates of the page's run see.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import torch

from foldscape.engine.augmented import augmenter_of
from foldscape.spec import RunSpec

PLACE = Path(__file__).parent / "images" / "augmented.png"
SPEC = {
    "data": {"kind": "cifar10", "part": "first_4000"},
    "net": {"wiring": "resnet"},
    "augment": [{"kind": "crop"}, {"kind": "flip"}, {"kind": "cutout", "side": 8}],
    "normalise": "channels",
    "batch": 128,
}
POINTS, EPOCHS = range(6), 7


def main() -> None:
    """Draw some training pictures and what the updates of some epochs see of them."""
    matplotlib.use("Agg")
    run = RunSpec.model_validate(SPEC)
    split = run.load()
    augmenter = augmenter_of(run, split)
    assert augmenter is not None
    chosen = np.array(POINTS)
    x = split.train_x[chosen]
    shown = [run.in_data_units().train_x[chosen]]
    for epoch in range(EPOCHS):
        augmenter.begin_epoch(epoch)
        seen = augmenter.changed(torch.from_numpy(x), torch.from_numpy(chosen)).numpy()
        shown.append(split.in_data_units(seen))
    figure, axes = plt.subplots(len(POINTS), EPOCHS + 1, figsize=(8, 6.2), layout="constrained")
    for column, pictures in enumerate(shown):
        axes[0, column].set_title("as it is" if column == 0 else f"epoch {column}", fontsize=9)
        for row, picture in enumerate(pictures):
            axes[row, column].imshow(picture.reshape(split.shape).transpose(1, 2, 0).clip(0, 1))
            axes[row, column].set_axis_off()
    figure.savefig(PLACE, dpi=120)


if __name__ == "__main__":
    main()
