"""One trainer for every model we make, and the recipes of the shared ones.

A `recipe.Recipe` says what to train and how long a step is worth; its `recipe.Task` is a torch module whose `forward`
gives the losses of a batch. `trainer.train` runs any of them: from a seed, within a budget of minutes or steps, with
checkpoints from which a run goes on exactly, whenever and however it was stopped. `export.publish` writes what came out
in `save_pretrained` layout with hashes and a card. `registry` finds recipes by name; plugins bring their own
(`[[recipes]]` in plugin.toml).

May import torch, diffusers, transformers, accelerate, safetensors, numpy, Pillow, OpenCV, and of ours core, resources,
synth and diffusion, so that it runs on a bare machine with a GPU (`python -m studio.training NAME`).
"""
