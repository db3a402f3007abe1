"""A transformer whose weights lie on this machine, such as RoBERTa (arXiv 1907.11692)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from foldscape.arrays import Labels
from foldscape.data.encoders.base import Encoder, Features
from foldscape.device import of_data, steady, torch_device
from foldscape.errors import InvalidInput, NotOnDisk

BATCH = 32


class Transformer(Encoder):
    """The last hidden state of the first token, by the library ``transformers``; nothing is downloaded."""

    kind: Literal["transformer"] = "transformer"
    name: str = Field("roberta-large", min_length=1, max_length=200)
    """Name of the model in the local cache of ``transformers``, or a folder with its weights."""
    dims: int = Field(1024, ge=8, le=8192)
    """Numbers an input gets: the model's hidden size, 1024 for roberta-large, 384 for MiniLM-L6."""

    def missing(self) -> str:
        """Say whether the library or the weights are missing, without reading either."""
        if find_spec("transformers") is None:
            return str(self._no_library())
        home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
        kept = Path(os.environ.get("HF_HUB_CACHE") or home / "hub") / f"models--{self.name.replace('/', '--')}"
        return "" if kept.is_dir() or Path(self.name).is_dir() else str(self._no_weights())

    def encode(self, train: Sequence[str], train_y: Labels, test: Sequence[str]) -> tuple[Features, Features]:
        """Run the frozen model over every sentence once.

        Returns:
            (N, dims) and (M, dims) float32: training and test sentences.

        Raises:
            NotOnDisk: If the library or the weights are not on this machine.
            InvalidInput: If the model's hidden size is not ``dims``.
        """
        import torch

        try:
            from transformers import AutoModel, AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained(self.name, local_files_only=True)
            model = AutoModel.from_pretrained(self.name, local_files_only=True).requires_grad_(False).eval()
        except ImportError:
            raise self._no_library() from None
        except (OSError, ValueError) as error:
            raise self._no_weights(f" ({str(error).splitlines()[0]})") from None
        if (size := int(model.config.hidden_size)) != self.dims:
            raise InvalidInput(
                f"{self.name} gives {size} numbers an input, not {self.dims}.", hint=f"Set dims to {size}."
            )

        place = torch_device(of_data())
        model = model.to(place)

        def states(sentences: Sequence[str]) -> Features:
            parts = []
            for first in range(0, len(sentences), BATCH):
                batch = tokenizer(
                    list(sentences[first : first + BATCH]), padding=True, truncation=True, return_tensors="pt"
                )
                parts.append(model(**batch.to(place)).last_hidden_state[:, 0].cpu().numpy())
            return np.concatenate(parts).astype(np.float32)

        with torch.no_grad(), steady(place):
            return states(train), states(test)

    def _no_library(self) -> NotOnDisk:
        return NotOnDisk(
            f"The encoder {self.name} needs the library transformers.",
            hint="Install it with `pip install transformers`, or choose the encoder hash, embbag or charcnn.",
        )

    def _no_weights(self, why: str = "") -> NotOnDisk:
        return NotOnDisk(
            f"The weights of {self.name} are not on this machine{why}.",
            hint=f"Fetch them once with `huggingface-cli download {self.name}`, give a folder that has them as the "
            "name, or choose the encoder hash, embbag or charcnn.",
        )
