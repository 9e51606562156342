"""What diffusion methods share: loading engines, sampling, inversion, attention swaps, tokens, noise, previews.

May import `studio.core`, torch, diffusers and transformers; only the worker, plugins and training import it. This
module imports nothing, so that `studio.diffusion.files` (hashes and manifests) stays free of torch. Data comes in as
tensors and names and goes out as tensors; nothing here knows documents, plugins or jobs.

Conventions: latents are (B, C, H, W), or (B, C, F, H, W) for video; grids are (h, w) in row-major token order; a *row*
    is one
entry of the batch that a model sees, an *item* one picture that is being made (see `rows`). Step 0 is the noisiest.
"""
