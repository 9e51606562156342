"""The practice world: layered scenes of a storybook land, drawn by us, with everything about them known exactly.

A `scene.Scene` is a frozen value; `generate.generate` and `splits.split_scene` make one from a seed, `render.render`
draws it at any size with all its layers, masks and maps, `document.scene_document` as a layered document. Around it:
`caption` (sentences with spans), `sketch`, `placement` (where things may stand), `edits` (with their true result),
`sequence` (clips), `design` and `design_render` (posters), `sheet` (pictures to look at).

May import `studio.core`, numpy, Pillow and OpenCV, nothing else, so that it runs on a bare machine with a GPU. The same
seed gives the same bytes everywhere: pixels see only integer operations of OpenCV and exactly rounded ones of numpy.
"""
